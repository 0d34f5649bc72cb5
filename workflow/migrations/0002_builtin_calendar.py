"""Every new instance starts with the notices of 2023 to 2026."""

from django.db import migrations
from django.utils import timezone

from workflow.holidays import builtin_notices
from workflow.services import notice_store


def load(apps, schema_editor):
    now = timezone.now()
    for notice in builtin_notices():
        notice_store(
            notice,
            by="",
            now=now,
            year_model=apps.get_model("workflow", "CalendarYear"),
            day_model=apps.get_model("workflow", "CalendarDay"),
        )


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_calendar")]

    # What is append-only is not taken back; the tables go with the migration before.
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
