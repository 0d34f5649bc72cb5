"""Addresses of drafts and masking; included under ``staff/announcements/``."""

from django.urls import path

from tenders.views import check, drafts, edit, masking, templates, words

urlpatterns = [
    path("", drafts.draft_list, name="staff_drafts"),
    path("new/", drafts.draft_new, name="staff_draft_new"),
    path("<int:pk>/", drafts.draft_detail, name="staff_draft"),
    path("<int:pk>/preview/", drafts.draft_preview, name="staff_draft_preview"),
    path("<int:pk>/edit/", edit.draft_edit, name="staff_draft_edit"),
    path("<int:pk>/target/", edit.draft_target, name="staff_draft_target"),
    path("<int:pk>/answers/", edit.draft_answers, name="staff_draft_answers"),
    path("<int:pk>/files/", edit.draft_file_add, name="staff_draft_file_add"),
    path("<int:pk>/files/<int:file>/", drafts.draft_file, name="staff_draft_file"),
    path("<int:pk>/files/<int:file>/remove/", edit.draft_file_remove, name="staff_draft_file_remove"),
    path("<int:pk>/check/", check.draft_check, name="staff_draft_check"),
    path("templates/", templates.template_list, name="staff_templates"),
    path("templates/<slug:code>/", templates.template_edit, name="staff_template"),
    path("words/", words.word_list, name="staff_words"),
    path("words/new/", words.word_edit, name="staff_word_new"),
    path("words/<int:pk>/", words.word_edit, name="staff_word"),
    path("masking/", masking.masking_list, name="staff_maskings"),
    path("masking/start/", masking.masking_start, name="staff_masking_start"),
    path("masking/new/<int:pk>/", masking.masking_new, name="staff_masking_new"),
    path("masking/<int:pk>/", masking.masking_detail, name="staff_masking"),
    path("masking/<int:pk>/files/<int:position>/", masking.masking_file, name="staff_masking_file"),
    path("masking/<int:pk>/original/", masking.masking_original, name="staff_masking_original"),
]
