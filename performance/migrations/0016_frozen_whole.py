"""A frozen report is whole: the figures of the bureau's forms and the papers of the package are kept with it."""

from django.db import migrations, models

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
    dependencies = [("performance", "0014_results")]

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
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
