"""Rights of the application's role; what is published stays; no two versions in force on one day; columns' paces."""

from django.db import migrations

from core.db import grant
from workflow.db import guard_state

PACES = {"news": "news", "notices": "notice", "policies": "notice"}

# No extension is needed: a rule's days are one stretch of whole numbers of its own, a hundred thousand apart.
OVERLAP = """
ALTER TABLE portal_ruleversion ADD CONSTRAINT portal_ruleversion_overlap EXCLUDE USING gist (
  int8range(
    rule_id * 10000000 + (in_force_from - DATE '0001-01-01'),
    rule_id * 10000000 + COALESCE(repealed_on - DATE '0001-01-01', 9999999)
  ) WITH &&
) WHERE (state IN ('released', 'repealed')) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE portal_ruleversion ADD CONSTRAINT portal_ruleversion_document EXCLUDE USING btree (
  document_number WITH =
) WHERE (state IN ('released', 'repealed')) DEFERRABLE INITIALLY DEFERRED
"""

GUARDS = """
CREATE OR REPLACE FUNCTION portal_ruleversion_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.state NOT IN ('draft', 'discarded') THEN
      RAISE EXCEPTION 'a released version stays' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
  END IF;
  IF OLD.number IS NOT NULL AND (
    (OLD.rule_id, OLD.number, OLD.document_number, OLD.title, OLD.text, OLD.issued_on, OLD.in_force_from,
     OLD.is_public, OLD.released_at)
    IS DISTINCT FROM
    (NEW.rule_id, NEW.number, NEW.document_number, NEW.title, NEW.text, NEW.issued_on, NEW.in_force_from,
     NEW.is_public, NEW.released_at)
    OR (OLD.repealed_on IS NOT NULL AND OLD.repealed_on IS DISTINCT FROM NEW.repealed_on)
    OR (OLD.replaced_by_id IS NOT NULL AND OLD.replaced_by_id IS DISTINCT FROM NEW.replaced_by_id)
  ) THEN
    RAISE EXCEPTION 'a released version stays as it is' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON portal_ruleversion
  FOR EACH ROW EXECUTE FUNCTION portal_ruleversion_keep();

CREATE OR REPLACE FUNCTION portal_ruleversion_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM portal_ruleversion WHERE id = NEW.id AND (
    (state IN ('released', 'repealed') AND (number IS NULL OR released_at IS NULL))
    OR (state NOT IN ('released', 'repealed') AND number IS NOT NULL)
    OR (state = 'repealed' AND repealed_on IS NULL)
  )) THEN
    RAISE EXCEPTION 'a released version has a number and a time, a repealed one its day'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER whole AFTER INSERT OR UPDATE ON portal_ruleversion DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION portal_ruleversion_whole();

CREATE OR REPLACE FUNCTION portal_ruleparts_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  part jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
BEGIN
  IF EXISTS (SELECT FROM portal_ruleversion WHERE id = (part ->> TG_ARGV[0])::bigint AND number IS NOT NULL) THEN
    RAISE EXCEPTION 'a released version stays as it is' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON portal_rulefile
  FOR EACH ROW EXECUTE FUNCTION portal_ruleparts_keep('version_id');
CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON portal_ruleversion_offices
  FOR EACH ROW EXECUTE FUNCTION portal_ruleparts_keep('ruleversion_id');

CREATE OR REPLACE FUNCTION portal_articledraft_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.article_id IS NOT NULL AND (
    (OLD.column_id, OLD.role, OLD.title, OLD.text, OLD.source, OLD.replaces_id, OLD.article_id)
    IS DISTINCT FROM
    (NEW.column_id, NEW.role, NEW.title, NEW.text, NEW.source, NEW.replaces_id, NEW.article_id)
  ) THEN
    RAISE EXCEPTION 'a published sheet stays as it is' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON portal_articledraft
  FOR EACH ROW EXECUTE FUNCTION portal_articledraft_keep();
"""
DROP = """
DROP TRIGGER IF EXISTS keep ON portal_ruleversion;
DROP TRIGGER IF EXISTS keep ON portal_rulefile;
DROP TRIGGER IF EXISTS keep ON portal_ruleversion_offices;
DROP TRIGGER IF EXISTS keep ON portal_articledraft;
DROP TRIGGER IF EXISTS whole ON portal_ruleversion;
DROP FUNCTION IF EXISTS portal_ruleversion_whole();
DROP FUNCTION IF EXISTS portal_ruleversion_keep();
DROP FUNCTION IF EXISTS portal_ruleparts_keep();
DROP FUNCTION IF EXISTS portal_articledraft_keep();
"""


def paces(apps, schema_editor):
    for slug, pace in PACES.items():
        apps.get_model("portal", "Column").objects.filter(slug=slug).update(pace=pace)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_articles_edited_rules_watch"),
        ("workflow", "0003_moves_clocks_tasks"),
    ]

    operations = [
        grant("portal_articlefile", append_only=True),
        grant("portal_articlewithdrawal", append_only=True),
        grant("portal_articledraft"),
        grant("portal_draftfile"),
        grant("portal_centerrule"),
        grant("portal_ruleversion"),
        grant("portal_ruleversion_offices"),
        grant("portal_rulefile"),
        grant("portal_watchrun"),
        grant("portal_watchfinding"),
        guard_state("portal_articledraft", "portal.articledraft"),
        guard_state("portal_ruleversion", "portal.ruleversion"),
        migrations.RunSQL(
            OVERLAP,
            "ALTER TABLE portal_ruleversion DROP CONSTRAINT IF EXISTS portal_ruleversion_overlap;"
            " ALTER TABLE portal_ruleversion DROP CONSTRAINT IF EXISTS portal_ruleversion_document",
        ),
        migrations.RunSQL(GUARDS, DROP),
        migrations.RunPython(paces, migrations.RunPython.noop),
    ]
