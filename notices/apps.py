"""Django app configuration."""

from django.apps import AppConfig

from accounts import navigation
from accounts.duties import Duty
from upkeep.metrics import gauge_register


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = "通知"

    def ready(self) -> None:
        """Tell the staff side of our pages and of the number of unread messages."""
        from notices.selectors import outbox_failed, outbox_waiting, unread_of  # noqa: PLC0415 (models exist now)

        navigation.entry_add(navigation.Entry("消息", "notices:inbox", position=5, counter=unread_of))
        navigation.entry_add(
            navigation.Entry("发件箱", "notices:outbox", frozenset({Duty.SYSTEM_ADMIN}), 85, "系统管理")
        )
        navigation.counter_add("notices", unread_of)
        gauge_register("tc_outbox_waiting", "Messages that wait to be sent or are being sent", outbox_waiting)
        gauge_register("tc_outbox_failed", "Messages that were given up", outbox_failed)
