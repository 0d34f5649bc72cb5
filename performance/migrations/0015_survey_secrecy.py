"""Answers wait where the application cannot read them, and are released several at once, in random order.

A code and its answer are written in one transaction, so their rows bear the same transaction number (xmin) and stand
in the same physical order. The application's role may therefore write a waiting answer, and count them, but reads none;
a function with the owner's rights releases them in batches of five at least and gives every used code the same
transaction number anew.
"""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import OnDatabase, grant, times_checked

# Whoever is not the owner must not choose which answers are released: so no random(), whose seed a session can set.
RELEASE = """
CREATE FUNCTION performance_survey_release(number bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  told text;
  way text;
  here bigint;
  kept bigint;
  last date;
  moved bigint := 0;
BEGIN
  -- Waits for answers that are under way; those to come wait for the end of this.
  SELECT state INTO told FROM public.performance_survey WHERE id = number FOR NO KEY UPDATE;
  IF told IS NULL OR told NOT IN ('open', 'closed') THEN
    RETURN 0;
  END IF;
  kept := CASE told WHEN 'closed' THEN 0 ELSE 5 END;
  FOR way, here, last IN
    SELECT channel, count(*), max(day) FROM public.performance_surveyinbox WHERE survey_id = number GROUP BY channel
  LOOP
    CONTINUE WHEN here < 2 * kept;
    WITH taken AS (
      DELETE FROM public.performance_surveyinbox WHERE id IN (
        SELECT id FROM public.performance_surveyinbox WHERE survey_id = number AND channel = way
        ORDER BY gen_random_uuid() LIMIT here - kept
      ) RETURNING valid, values
    )
    INSERT INTO public.performance_surveyanswer (id, survey_id, day, channel, valid, values)
      SELECT gen_random_uuid(), number, last, way, valid, values FROM taken ORDER BY gen_random_uuid();
    moved := moved + here - kept;
  END LOOP;
  IF moved > 0 OR told = 'closed' THEN
    UPDATE public.performance_surveytoken SET used = used WHERE survey_id = number AND used;
  END IF;
  RETURN moved;
END $$;
REVOKE ALL ON FUNCTION performance_survey_release(bigint) FROM PUBLIC;
DROP TRIGGER answer_guard ON performance_surveyanswer;
CREATE TRIGGER answer_guard BEFORE INSERT ON performance_surveyinbox FOR EACH ROW
  EXECUTE FUNCTION performance_answer_guard();

CREATE OR REPLACE FUNCTION performance_token_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Written anew as it is: so that all used codes have one transaction number.
  IF TG_OP = 'UPDATE' AND OLD.used AND to_jsonb(OLD) = to_jsonb(NEW) THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND (OLD.used OR NOT NEW.used
      OR to_jsonb(OLD) - 'used' <> to_jsonb(NEW) - 'used')) THEN
    PERFORM performance_refuse('a code is used once and kept');
  END IF;
  IF TG_OP = 'INSERT' AND NEW.used <> (NEW.batch_id IS NULL) THEN
    PERFORM performance_refuse('a new code is unused, one of the poster is used');
  END IF;
  IF NEW.batch_id IS NOT NULL AND NOT EXISTS (SELECT FROM performance_surveybatch
      WHERE id = NEW.batch_id AND survey_id = NEW.survey_id AND kind = 'slips') THEN
    PERFORM performance_refuse('the batch is of another survey');
  END IF;
  PERFORM performance_survey_is_open(NEW.survey_id);
  RETURN NEW;
END $$;
"""
UNRELEASED = """
DROP FUNCTION IF EXISTS performance_survey_release(bigint);
DROP TRIGGER IF EXISTS answer_guard ON performance_surveyinbox;
CREATE TRIGGER answer_guard BEFORE INSERT ON performance_surveyanswer FOR EACH ROW
  EXECUTE FUNCTION performance_answer_guard();
"""
# What was answered before this: the rows are written anew in the order of their random numbers, so that neither
# transaction number nor place tells of the code any more. Numbers and days stay: a closed survey's digest is of them.
SHUFFLE = """
CREATE TEMPORARY TABLE performance_shuffled AS SELECT * FROM performance_surveyanswer;
ALTER TABLE performance_surveyanswer DISABLE TRIGGER append_only;
DELETE FROM performance_surveyanswer;
INSERT INTO performance_surveyanswer (id, survey_id, day, channel, valid, values)
  SELECT id, survey_id, day, channel, valid, values FROM performance_shuffled ORDER BY id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE performance_surveyanswer ENABLE TRIGGER append_only;
UPDATE performance_surveytoken SET used = used WHERE used;
SET CONSTRAINTS ALL DEFERRED;
DROP TABLE performance_shuffled;
"""
# How many may scan the poster on a day can be raised while a survey is open.
KEPT = """
DROP TRIGGER kept ON performance_survey;
CREATE TRIGGER kept BEFORE UPDATE ON performance_survey FOR EACH ROW
  EXECUTE FUNCTION performance_kept('{columns}');
"""


def rights(apps, schema_editor):
    role = '"' + settings.DATABASE_APP_ROLE.replace('"', '""') + '"'
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"REVOKE INSERT ON performance_surveyanswer FROM {role}")
        cursor.execute(f"GRANT EXECUTE ON FUNCTION performance_survey_release(bigint) TO {role}")


def rights_back(apps, schema_editor):
    role = '"' + settings.DATABASE_APP_ROLE.replace('"', '""') + '"'
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"GRANT INSERT ON performance_surveyanswer TO {role}")


class Migration(migrations.Migration):
    dependencies = [("performance", "0014_results")]

    operations = [
        migrations.AddField(
            model_name="survey",
            name="poster_daily",
            field=models.PositiveIntegerField(default=200, verbose_name="扫码自填每天最多"),
        ),
        migrations.RunSQL(KEPT.format(columns="state,closes_on,poster_daily"), KEPT.format(columns="state,closes_on")),
        migrations.CreateModel(
            name="SurveyInbox",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False, verbose_name="编号"
                    ),
                ),
                ("day", models.DateField(verbose_name="收回日期")),
                (
                    "channel",
                    models.CharField(
                        choices=[("link", "一人一码"), ("poster", "窗口二维码"), ("paper", "纸质问卷")],
                        max_length=20,
                        verbose_name="方式",
                    ),
                ),
                ("valid", models.BooleanField(verbose_name="有效")),
                ("values", models.JSONField(default=dict, verbose_name="回答")),
                (
                    "survey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waiting",
                        to="performance.survey",
                        verbose_name="满意度调查",
                    ),
                ),
            ],
            options={
                "verbose_name": "待清点的答卷",
                "verbose_name_plural": "待清点的答卷",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ("link", "poster", "paper"))),
                        name="performance_surveyinbox_channel",
                    )
                ],
            },
        ),
        grant("performance_surveyinbox", only="INSERT, SELECT (survey_id, channel)"),
        times_checked("performance_surveyinbox", "day"),
        migrations.RunSQL(RELEASE, UNRELEASED),
        OnDatabase(rights, rights_back),
        migrations.RunSQL(SHUFFLE, migrations.RunSQL.noop),
    ]
