"""Django app configuration."""

from django.apps import AppConfig


class TendersConfig(AppConfig):
    name = "tenders"
    verbose_name = "交易受理"

    def ready(self) -> None:
        """Models exist now: the log learns how its leaves of announcements are checked."""
        from accounts.duties import Duty  # noqa: PLC0415 (see above)
        from accounts.navigation import Entry, entry_add  # noqa: PLC0415 (see above)
        from tenders.log import register_subject  # noqa: PLC0415 (needs the models)

        register_subject()
        drafts = {
            Duty.ANNOUNCEMENT_DRAFT,
            Duty.ANNOUNCEMENT_CHECK,
            Duty.SECRECY_CHECK,
            Duty.DIRECTOR,
            Duty.DEPUTY_DIRECTOR,
        }
        entry_add(Entry("公告拟稿与发布", "staff_drafts", frozenset(drafts), 20, "信息公开"))
        entry_add(Entry("核对词", "staff_words", frozenset({Duty.ANNOUNCEMENT_CHECK}), 21, "信息公开"))
        entry_add(Entry("公告样式", "staff_templates", frozenset({Duty.ANNOUNCEMENT_CHECK}), 21, "信息公开"))
        entry_add(Entry("个人信息遮蔽", "staff_maskings", frozenset({Duty.MASKING}), 22, "信息公开"))
