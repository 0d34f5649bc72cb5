"""Rights of the drafts' tables, the one lawful way to mask what is published, and the first templates and words.

What is published is append-only, for the owner too. The triggers of the three tables give way in one case: the change
is exactly what a confirmed masking request says, computed here anew from the old bytes and the request's places; the
request was made by one person and confirmed by another, and the original was sealed before. The application's role has
no UPDATE on these tables; it may call tenders_mask, which takes the number of a request.
"""

from django.conf import settings
from django.db import migrations

from core.db import grant
from tenders.template_data import templates, words
from workflow.db import guard_state

FUNCTIONS = """
CREATE FUNCTION tenders_masked(content bytea, pieces jsonb, insert_at int, original text) RETURNS bytea
  LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public AS $$
DECLARE
  piece record;
  found bytea := ''::bytea;
  at int := 0;
BEGIN
  FOR piece IN
    SELECT (p ->> 0)::int AS first, (p ->> 1)::int AS last,
      CASE (p ->> 2)::int WHEN 0 THEN '＊＊＊' WHEN 1 THEN '"＊＊＊"' WHEN 2 THEN '{"name":"＊＊＊"}' END AS put
      FROM jsonb_array_elements(pieces) AS p
    UNION ALL
    SELECT insert_at, insert_at, ',"original_sha256":"' || original || '"' WHERE insert_at IS NOT NULL
    ORDER BY 1, 2
  LOOP
    IF piece.first < at OR piece.last < piece.first OR piece.last > length(content) OR piece.put IS NULL THEN
      RETURN NULL;
    END IF;
    found := found || substring(content FROM at + 1 FOR piece.first - at) || convert_to(piece.put, 'UTF8');
    at := piece.last;
  END LOOP;
  RETURN found || substring(content FROM at + 1);
END $$;

CREATE FUNCTION tenders_refuse(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', what USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION tenders_masking_confirmed(request bigint) RETURNS boolean
  LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT EXISTS (
    SELECT FROM public.tenders_maskingrequest m
      JOIN public.workflow_statechange asked ON asked.subject_type = 'tenders.maskingrequest'
        AND asked.subject_id = m.id AND asked.move = 'request'
      JOIN public.workflow_statechange done ON done.subject_type = 'tenders.maskingrequest'
        AND done.subject_id = m.id AND done.move = 'confirm'
      JOIN public.tenders_sealedoriginal s ON s.masking_id = m.id AND s.sha256 = m.before_sha256
        AND s.announcement_id = m.announcement_id
    WHERE m.id = request AND m.state = 'confirmed' AND asked.by_id = m.requested_by_id
      AND done.by_id = m.confirmed_by_id AND asked.by_id <> done.by_id
  )
$$;

CREATE FUNCTION tenders_record_guard() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  request public.tenders_maskingrequest;
  before jsonb;
  after jsonb;
  original text;
  parts text[] := ARRAY['title', 'text', 'fields', 'attachments', 'original_sha256'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  SELECT m.* INTO request FROM public.tenders_maskingrequest m
    WHERE m.announcement_id = OLD.announcement_id AND m.before_sha256 = OLD.sha256 AND m.state = 'confirmed';
  IF NOT FOUND OR NOT public.tenders_masking_confirmed(request.id) THEN
    PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  before := convert_from(OLD.content, 'UTF8')::jsonb;
  original := coalesce(before ->> 'original_sha256', OLD.sha256);
  IF NEW.announcement_id IS DISTINCT FROM OLD.announcement_id
    OR NEW.content IS DISTINCT FROM public.tenders_masked(OLD.content, request.pieces, request.insert_at, original)
    OR NEW.sha256 IS DISTINCT FROM encode(sha256(NEW.content), 'hex') THEN
    PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  after := convert_from(NEW.content, 'UTF8')::jsonb;
  IF after ->> 'original_sha256' IS DISTINCT FROM original OR before - parts <> after - parts THEN
    PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION tenders_announcement_guard() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  found jsonb;
  said text;
  name text;
  value text;
  old_row jsonb;
  new_row jsonb;
  texts text[] := ARRAY['project_code', 'unified_deal_code', 'purchaser', 'agency', 'supplier', 'place', 'region'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  SELECT convert_from(r.content, 'UTF8')::jsonb INTO found FROM public.tenders_announcementrecord r
    WHERE r.announcement_id = OLD.id;
  IF found IS NULL OR NOT found ? 'original_sha256' OR NEW.masked_at IS NOT DISTINCT FROM OLD.masked_at
    OR NOT EXISTS (SELECT FROM public.tenders_maskingrequest m WHERE m.announcement_id = OLD.id
      AND m.confirmed_at = NEW.masked_at AND public.tenders_masking_confirmed(m.id))
    OR NEW.title IS DISTINCT FROM found ->> 'title' OR NEW.fields IS DISTINCT FROM found -> 'fields'
    OR (NEW.deadline IS NOT NULL AND NEW.deadline IS DISTINCT FROM OLD.deadline)
    OR (NEW.budget IS NOT NULL AND NEW.budget IS DISTINCT FROM OLD.budget) THEN
    PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  old_row := to_jsonb(OLD);
  new_row := to_jsonb(NEW);
  said := (found ->> 'text') || (found -> 'fields')::text;
  FOREACH name IN ARRAY texts LOOP
    value := coalesce(new_row ->> name, '');
    IF value <> '' AND value IS DISTINCT FROM old_row ->> name AND strpos(said, value) = 0 THEN
      PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
    END IF;
  END LOOP;
  texts := texts || ARRAY['title', 'fields', 'masked_at', 'deadline', 'budget'];
  IF old_row - texts <> new_row - texts THEN
    PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION tenders_attachment_guard() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  found jsonb;
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  SELECT convert_from(r.content, 'UTF8')::jsonb INTO found FROM public.tenders_announcementrecord r
    WHERE r.announcement_id = OLD.announcement_id;
  IF found IS NULL OR NOT found ? 'original_sha256' THEN
    PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  found := found -> 'attachments' -> OLD.position::int;
  IF found IS NULL OR (NEW.id, NEW.announcement_id, NEW.position) IS DISTINCT FROM
      (OLD.id, OLD.announcement_id, OLD.position)
    OR NEW.name IS DISTINCT FROM found ->> 'name' OR NEW.sha256 IS DISTINCT FROM coalesce(found ->> 'sha256', '')
    OR NEW.url IS DISTINCT FROM coalesce(found ->> 'url', '')
    OR NEW.size IS DISTINCT FROM (found ->> 'size')::bigint
    OR NEW.stored IS DISTINCT FROM (OLD.stored AND found ? 'sha256') THEN
    PERFORM public.tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION tenders_mask(request bigint, code text, deal_code text, bought_by text, agent text, sold_by text,
    at_place text, until timestamptz, money numeric, in_region text, masked timestamptz) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  asked public.tenders_maskingrequest;
  kept jsonb;
  digest text;
BEGIN
  SELECT m.* INTO asked FROM public.tenders_maskingrequest m WHERE m.id = request FOR UPDATE;
  IF NOT FOUND OR NOT public.tenders_masking_confirmed(request) THEN
    PERFORM public.tenders_refuse('tenders_announcement');
  END IF;
  UPDATE public.tenders_announcementrecord r SET
      content = m.content, sha256 = encode(sha256(m.content), 'hex')
    FROM (SELECT o.announcement_id, public.tenders_masked(o.content, asked.pieces, asked.insert_at,
        coalesce(convert_from(o.content, 'UTF8')::jsonb ->> 'original_sha256', o.sha256)) AS content
      FROM public.tenders_announcementrecord o
      WHERE o.announcement_id = asked.announcement_id AND o.sha256 = asked.before_sha256) m
    WHERE r.announcement_id = m.announcement_id
    RETURNING r.sha256, convert_from(r.content, 'UTF8')::jsonb INTO digest, kept;
  IF digest IS NULL OR NOT EXISTS (SELECT FROM public.tenders_sealedoriginal s
      WHERE s.masking_id = request AND s.masked_sha256 = digest) THEN
    PERFORM public.tenders_refuse('tenders_announcement');
  END IF;
  UPDATE public.tenders_announcement a SET title = kept ->> 'title', fields = kept -> 'fields', project_code = code,
      unified_deal_code = deal_code, purchaser = bought_by, agency = agent, supplier = sold_by, place = at_place,
      deadline = until, budget = money, region = in_region, masked_at = masked
    WHERE a.id = asked.announcement_id;
  UPDATE public.tenders_attachment f SET name = one ->> 'name', sha256 = coalesce(one ->> 'sha256', ''),
      url = coalesce(one ->> 'url', ''), size = (one ->> 'size')::bigint, stored = f.stored AND one ? 'sha256'
    FROM jsonb_array_elements(kept -> 'attachments') WITH ORDINALITY AS e(one, number)
    WHERE f.announcement_id = asked.announcement_id AND f.position = e.number - 1
      AND (f.name, f.sha256) IS DISTINCT FROM (one ->> 'name', coalesce(one ->> 'sha256', ''));
  RETURN digest;
END $$;

CREATE FUNCTION tenders_request_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'requested' AND NEW IS DISTINCT FROM OLD AND OLD.confirmed_at IS NOT NULL
    OR (NEW.announcement_id, NEW.reason, NEW.pieces, NEW.insert_at, NEW.before_sha256, NEW.requested_by_id,
        NEW.requested_at) IS DISTINCT FROM (OLD.announcement_id, OLD.reason, OLD.pieces, OLD.insert_at,
        OLD.before_sha256, OLD.requested_by_id, OLD.requested_at) THEN
    PERFORM tenders_refuse(TG_TABLE_NAME::text);
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION tenders_draft_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  draft tenders_announcementdraft;
BEGIN
  SELECT d.* INTO draft FROM tenders_announcementdraft d WHERE d.id = NEW.id;
  IF FOUND AND ((draft.state = 'published') <> (draft.announcement_id IS NOT NULL)
    OR draft.state = 'scheduled' AND draft.publish_at IS NULL
    OR draft.state IN ('checked', 'scheduled', 'published')
      AND (draft.secrecy_by_id IS NULL OR draft.secrecy_at IS NULL OR draft.secrecy_conclusion = '')) THEN
    RAISE EXCEPTION 'draft % is not whole in state %', draft.id, draft.state USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION tenders_masking_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  request tenders_maskingrequest;
BEGIN
  SELECT m.* INTO request FROM tenders_maskingrequest m WHERE m.id = NEW.id;
  IF FOUND AND ((request.state = 'confirmed') <> (request.confirmed_by_id IS NOT NULL)
    OR (request.state = 'confirmed') <> (request.confirmed_at IS NOT NULL)
    OR request.state = 'confirmed'
      AND NOT EXISTS (SELECT FROM tenders_sealedoriginal s WHERE s.masking_id = request.id)) THEN
    RAISE EXCEPTION 'masking % is not whole', request.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER append_only ON tenders_announcementrecord;
DROP TRIGGER append_only ON tenders_announcement;
DROP TRIGGER append_only ON tenders_attachment;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tenders_announcementrecord
  FOR EACH ROW EXECUTE FUNCTION tenders_record_guard();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tenders_announcement
  FOR EACH ROW EXECUTE FUNCTION tenders_announcement_guard();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tenders_attachment
  FOR EACH ROW EXECUTE FUNCTION tenders_attachment_guard();
CREATE TRIGGER request_fixed BEFORE UPDATE OR DELETE ON tenders_maskingrequest
  FOR EACH ROW EXECUTE FUNCTION tenders_request_fixed();
CREATE CONSTRAINT TRIGGER draft_whole AFTER INSERT OR UPDATE ON tenders_announcementdraft
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tenders_draft_whole();
CREATE CONSTRAINT TRIGGER masking_whole AFTER INSERT OR UPDATE ON tenders_maskingrequest
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tenders_masking_whole();
"""

BACKWARDS = """
DROP TRIGGER IF EXISTS masking_whole ON tenders_maskingrequest;
DROP TRIGGER IF EXISTS draft_whole ON tenders_announcementdraft;
DROP TRIGGER IF EXISTS request_fixed ON tenders_maskingrequest;
DROP TRIGGER append_only ON tenders_attachment;
DROP TRIGGER append_only ON tenders_announcement;
DROP TRIGGER append_only ON tenders_announcementrecord;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tenders_announcementrecord
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tenders_announcement
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tenders_attachment
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP FUNCTION tenders_masking_whole, tenders_draft_whole, tenders_request_fixed, tenders_mask, tenders_attachment_guard,
  tenders_announcement_guard, tenders_record_guard, tenders_masking_confirmed, tenders_refuse, tenders_masked;
"""
MASK = "tenders_mask(bigint, text, text, text, text, text, text, timestamptz, numeric, text, timestamptz)"


def only_the_application(apps, schema_editor):
    role = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(f"REVOKE ALL ON FUNCTION {MASK} FROM PUBLIC")
    schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {MASK} TO {role}")


def load(apps, schema_editor):
    template, word = apps.get_model("tenders", "AnnouncementTemplate"), apps.get_model("tenders", "ScanWord")
    for row in templates():
        values = {**row, "category_id": row["category"]}
        del values["category"]
        template.objects.get_or_create(code=row["code"], defaults=values)
    for row in words():
        word.objects.get_or_create(word=row["word"], defaults=row)


class Migration(migrations.Migration):
    dependencies = [
        ("tenders", "0008_drafts_and_masking"),
        ("workflow", "0003_moves_clocks_tasks"),
        ("accounts", "0002_departments_and_duties"),
    ]
    operations = [
        grant("tenders_announcementtemplate"),
        grant("tenders_announcementdraft"),
        grant("tenders_draftattachment"),
        grant("tenders_findinganswer"),
        grant("tenders_scanword"),
        grant("tenders_maskingrequest"),
        grant("tenders_sealedoriginal", append_only=True),
        guard_state("tenders_announcementdraft", "tenders.announcementdraft"),
        guard_state("tenders_maskingrequest", "tenders.maskingrequest"),
        migrations.RunSQL(FUNCTIONS, BACKWARDS),
        migrations.RunPython(only_the_application, migrations.RunPython.noop),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
