"""Search entries made anew: tokens in narrow rows under one index, the texts to compare in a table of their own.

Entries are derived: what an existing database has published is entered again by trading_center.prepare
(tenders.services.search), in batches, right after the migrations.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from core.db import grant

# Rows of entries are narrow because nobody reads tokens there: they are moved out of line. Texts stay in their rows,
# as they are, because reading them in order of time is what that table is for.
FORWARDS = """
ALTER TABLE tenders_searchentry SET (toast_tuple_target = 128);
ALTER TABLE tenders_searchentry ALTER COLUMN tokens SET STORAGE EXTERNAL;
ALTER TABLE tenders_searchtext SET (toast_tuple_target = 8160);
ALTER TABLE tenders_searchtext ALTER COLUMN folded_title SET STORAGE MAIN,
  ALTER COLUMN folded_text SET STORAGE EXTERNAL;
CREATE INDEX tenders_searchentry_tokens ON tenders_searchentry
  USING gin (tokens) WITH (fastupdate = on, gin_pending_list_limit = 1048576);
CREATE OR REPLACE FUNCTION tenders_search_flush() RETURNS void LANGUAGE sql SECURITY DEFINER
  SET search_path = pg_catalog, public
  AS $$ SELECT gin_clean_pending_list('public.tenders_searchentry_tokens'::regclass); $$;
CREATE OR REPLACE FUNCTION tenders_search_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public
  AS $$ BEGIN
    ANALYZE public.tenders_announcement;
    ANALYZE public.tenders_searchentry;
    ANALYZE public.tenders_searchtext;
  END $$;
"""


def _announcement(name):
    return models.OneToOneField(
        on_delete=django.db.models.deletion.CASCADE,
        primary_key=True,
        related_name=name,
        serialize=False,
        to="tenders.announcement",
        verbose_name="公告",
    )


def _tokens(label):
    return django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None, verbose_name=label)


class Migration(migrations.Migration):
    dependencies = [("tenders", "0006_latin_tokens")]
    operations = [
        migrations.DeleteModel(name="SearchEntry"),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("announcement", _announcement("search")),
                ("published_at", models.DateTimeField(verbose_name="发布时间")),
                ("tokens", _tokens("词元")),
            ],
            options={"verbose_name": "检索条目", "verbose_name_plural": "检索条目"},
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("announcement", _announcement("search_text")),
                ("published_at", models.DateTimeField(verbose_name="发布时间")),
                ("filters", _tokens("筛选词元")),
                ("folded_title", models.TextField(verbose_name="标题（检索）")),
                ("folded_text", models.TextField(verbose_name="全文（检索）")),
            ],
            options={
                "verbose_name": "检索全文",
                "verbose_name_plural": "检索全文",
                "indexes": [models.Index(fields=["-published_at", "-announcement"], name="tenders_searchtext_time")],
            },
        ),
        migrations.RunSQL(FORWARDS, migrations.RunSQL.noop),
        grant("tenders_searchentry"),
        grant("tenders_searchtext"),
    ]
