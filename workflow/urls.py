"""Addresses of the desk, moves and tasks; included under ``staff/``."""

from django.urls import path

from workflow.views import desk, moves, tasks

urlpatterns = [
    path("", desk.home, name="staff_home"),
    path("desk.xlsx", desk.desk_xlsx, name="staff_desk_xlsx"),
    path("approve/", desk.approve, name="staff_approve"),
    path("day/<slug:code>/", desk.day_sheet, name="staff_day"),
    path("move/<str:label>/<int:pk>/<slug:name>/", moves.move_page, name="staff_move"),
    path("tasks/", tasks.task_list, name="staff_tasks"),
    path("tasks/new/", tasks.task_new, name="staff_task_new"),
    path("tasks/<int:pk>/", tasks.task_detail, name="staff_task"),
    path("tasks/<int:pk>/papers/", tasks.task_paper, name="staff_task_paper"),
    path("tasks/<int:pk>/papers/<int:paper>/", tasks.task_paper_open, name="staff_task_paper_open"),
]
