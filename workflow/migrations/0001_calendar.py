"""The calendar tables; append-only for everybody."""

import django.db.models.deletion
from django.db import migrations, models

from core.db import grant


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CalendarYear",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.SmallIntegerField(verbose_name="年度")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="来源")),
                (
                    "imported_by",
                    models.CharField(
                        blank=True, help_text="空为命令行或系统自带", max_length=150, verbose_name="导入人"
                    ),
                ),
                ("imported_at", models.DateTimeField(verbose_name="导入时间")),
            ],
            options={
                "verbose_name": "年度节假日安排",
                "verbose_name_plural": "年度节假日安排",
                "indexes": [models.Index(fields=["year", "-id"], name="workflow_calendaryear_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("year__gte", 1950), ("year__lte", 2199)),
                        name="workflow_calendaryear_year",
                        violation_error_message="年度应在 1950 至 2199 之间。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="日期")),
                ("is_working", models.BooleanField(verbose_name="上班")),
                (
                    "calendar_year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="days",
                        to="workflow.calendaryear",
                        verbose_name="年度节假日安排",
                    ),
                ),
            ],
            options={
                "verbose_name": "节假日安排中的日期",
                "verbose_name_plural": "节假日安排中的日期",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("calendar_year", "day"),
                        name="workflow_calendarday_once",
                        violation_error_message="同一份安排里一个日期只能写一次。",
                    )
                ],
            },
        ),
        grant("workflow_calendaryear", append_only=True),
        grant("workflow_calendarday", append_only=True),
    ]
