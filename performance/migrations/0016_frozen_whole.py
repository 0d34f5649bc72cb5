"""A frozen report is whole: the figures of the bureau's forms and the papers of the package are kept with it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant, times_checked

GUARDS = """
CREATE FUNCTION performance_frozen_value() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  value jsonb := to_jsonb(NEW);
  shut int;
BEGIN
  -- Locked before it is read: a freeze and a new value come one after the other.
  SELECT count(*) INTO shut FROM (
    SELECT r.state FROM performance_report r WHERE r.fiscal_year_id = NEW.fiscal_year_id AND CASE
      WHEN value ? 'indicator_key' THEN EXISTS (
        SELECT FROM performance_indicator i JOIN performance_goaltable t ON t.id = i.table_id
          WHERE i.key = (value ->> 'indicator_key')::uuid AND t.fiscal_year_id = r.fiscal_year_id
            AND t.program_year_id IS NOT DISTINCT FROM r.program_year_id)
      ELSE r.program_year_id IS NULL END
    ORDER BY r.id FOR SHARE) p WHERE p.state = 'frozen';
  IF shut > 0 THEN
    PERFORM performance_refuse('a figure of a frozen report');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER report_frozen BEFORE INSERT ON performance_actualvalue FOR EACH ROW
  EXECUTE FUNCTION performance_frozen_value();
CREATE TRIGGER report_frozen BEFORE INSERT ON performance_dealfigure FOR EACH ROW
  EXECUTE FUNCTION performance_frozen_value();
CREATE FUNCTION performance_inspection_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  closed boolean;
BEGIN
  SELECT y.state = 'closed' INTO closed FROM performance_fiscalyear y
    JOIN performance_programyear p ON p.fiscal_year_id = y.id WHERE p.id = NEW.program_year_id FOR SHARE OF y;
  IF closed THEN
    PERFORM performance_refuse('the final accounts are confirmed');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER in_time BEFORE INSERT ON performance_inspection FOR EACH ROW
  EXECUTE FUNCTION performance_inspection_in_time();
"""
NO_GUARDS = """
DROP FUNCTION IF EXISTS performance_frozen_value() CASCADE;
DROP FUNCTION IF EXISTS performance_inspection_in_time() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("performance", "0015_survey_secrecy"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="reportfreeze",
            name="workbook",
            field=models.TextField(blank=True, default="", verbose_name="填入财政表格的数字"),
        ),
        migrations.AddField(
            model_name="reportfreeze",
            name="papers",
            field=models.JSONField(blank=True, null=True, verbose_name="资料包清单"),
        ),
        migrations.AddField(
            model_name="reportdisclosure",
            name="checked",
            field=models.JSONField(blank=True, default=list, verbose_name="核对过的地方"),
        ),
        migrations.CreateModel(
            name="DisclosureWithdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=1000, verbose_name="撤下的理由")),
                ("at", models.DateTimeField(verbose_name="撤下时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撤下人",
                    ),
                ),
                (
                    "disclosure",
                    models.OneToOneField(
                        error_messages={"unique": "这份公开版已经撤下。"},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="performance.reportdisclosure",
                        verbose_name="公开",
                    ),
                ),
            ],
            options={
                "verbose_name": "撤下公开",
                "verbose_name_plural": "撤下公开",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="performance_withdrawal_reason",
                        violation_error_message="撤下要写明理由。",
                    )
                ],
            },
        ),
        grant("performance_disclosurewithdrawal", append_only=True),
        times_checked("performance_disclosurewithdrawal", "at"),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
