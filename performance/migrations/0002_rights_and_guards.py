"""Rights, the one door to every state, and what is frozen once it is approved."""

from django.db import migrations

from core.db import grant, times_checked
from workflow.db import guard_state

APPEND_ONLY = (
    "budgetadjustment",
    "incomeentry",
    "spendingentry",
    "entrypaper",
    "yearendbalance",
    "inspection",
    "inspectionremedy",
    "actualvalue",
    "actualpaper",
    "dealfigure",
    "sectionversion",
    "manualscore",
    "linereason",
    "reportfile",
)
PLAIN = (
    "budgetunit",
    "subject",
    "fiscalyear",
    "establishment",
    "responsibility",
    "activity",
    "program",
    "programyear",
    "milestone",
    "expenseline",
    "specialapproval",
    "incomeline",
    "spendingline",
    "spendingimport",
    "importline",
    "scheme",
    "schemegroup",
    "gradeband",
    "goaltable",
    "indicator",
    "report",
    "reportmember",
    "reportsection",
    "reportrun",
)
MOVED = ("fiscalyear", "programyear", "specialapproval", "goaltable")

# What belongs to an approved parent stays as approved. Arguments: the parent's table, the key's column, the columns
# that may change afterwards, and whether a line that begins with nothing may be added (money that comes later).
FROZEN = """
CREATE FUNCTION performance_refuse(said text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', said USING ERRCODE = 'check_violation';
END $$;

CREATE FUNCTION performance_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) END;
  open_states int;
  parents bigint[] := ARRAY[(old_row ->> TG_ARGV[1])::bigint, (new_row ->> TG_ARGV[1])::bigint];
BEGIN
  -- FOR KEY SHARE would not wait for a state that is being changed.
  EXECUTE format('SELECT count(*) FROM (SELECT state FROM %I WHERE id = ANY ($1) ORDER BY id FOR SHARE) p'
    ' WHERE state <> ''drafting''', TG_ARGV[0]) INTO open_states USING parents;
  IF open_states = 0 THEN
    RETURN COALESCE(NEW, OLD);
  END IF;
  IF TG_OP = 'INSERT' AND TG_ARGV[3] = 'zero' AND (new_row ->> 'initial_amount')::numeric = 0 THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND old_row - string_to_array(TG_ARGV[2], ',') = new_row - string_to_array(TG_ARGV[2], ',') THEN
    RETURN NEW;
  END IF;
  PERFORM performance_refuse(TG_TABLE_NAME || ' is frozen with its approval');
  RETURN NULL;
END $$;

CREATE FUNCTION performance_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'drafting' AND to_jsonb(OLD) - string_to_array(TG_ARGV[0], ',')
      <> to_jsonb(NEW) - string_to_array(TG_ARGV[0], ',') THEN
    PERFORM performance_refuse(TG_TABLE_NAME || ' is frozen with its approval');
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION performance_approved_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  now_row jsonb;
BEGIN
  EXECUTE format('SELECT to_jsonb(t) FROM %I t WHERE id = $1', TG_TABLE_NAME) INTO now_row USING NEW.id;
  IF now_row ->> 'state' IN ('approved', 'closed') AND (now_row ->> 'approved_on' IS NULL
      OR (now_row ? 'approved_amount' AND now_row ->> 'approved_amount' IS NULL)) THEN
    PERFORM performance_refuse(TG_TABLE_NAME || ' is approved without date or amount');
  END IF;
  RETURN NULL;
END $$;
"""
UNFROZEN = """
DROP FUNCTION IF EXISTS performance_approved_whole() CASCADE;
DROP FUNCTION IF EXISTS performance_kept() CASCADE;
DROP FUNCTION IF EXISTS performance_frozen() CASCADE;
DROP FUNCTION IF EXISTS performance_refuse(text) CASCADE;
"""


def frozen(table: str, parent: str, column: str, free: str = "", added: str = "") -> str:
    return (
        f"CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON performance_{table} FOR EACH ROW"
        f" EXECUTE FUNCTION performance_frozen('performance_{parent}', '{column}', '{free}', '{added}');"
    )


TRIGGERS = "".join(
    (
        frozen("incomeline", "fiscalyear", "fiscal_year_id", added="zero"),
        frozen("spendingline", "fiscalyear", "fiscal_year_id", added="zero"),
        frozen("expenseline", "programyear", "program_year_id", added="zero"),
        frozen("milestone", "programyear", "program_year_id", "done_on,remark"),
        frozen("indicator", "goaltable", "table_id"),
        "CREATE TRIGGER kept BEFORE UPDATE ON performance_goaltable FOR EACH ROW"
        " EXECUTE FUNCTION performance_kept('state');",
        "CREATE TRIGGER kept BEFORE UPDATE ON performance_programyear FOR EACH ROW EXECUTE FUNCTION"
        " performance_kept('state,approved_amount,approved_on,document_number,leader_id');",
        *(
            f"CREATE CONSTRAINT TRIGGER approved_whole AFTER INSERT OR UPDATE ON performance_{table}"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION performance_approved_whole();"
            for table in ("fiscalyear", "programyear")
        ),
    )
)

# An entry and its line are of one year; a reversal takes back a whole entry of the same line, once.
ENTRIES = """
CREATE FUNCTION performance_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  line jsonb; fiscal jsonb; origin jsonb; expense jsonb; entry jsonb := to_jsonb(NEW);
  day date := (entry ->> TG_ARGV[1])::date;
BEGIN
  EXECUTE format('SELECT to_jsonb(t) FROM %I t WHERE id = $1 FOR NO KEY UPDATE', TG_ARGV[0]) INTO line USING NEW.line_id;
  SELECT to_jsonb(t) INTO fiscal FROM performance_fiscalyear t WHERE id = (line ->> 'fiscal_year_id')::bigint FOR SHARE;
  IF entry ? 'fiscal_year_id' AND entry ->> 'fiscal_year_id' <> line ->> 'fiscal_year_id' THEN
    PERFORM performance_refuse('entry and line are of different years');
  END IF;
  IF entry ? 'fiscal_year_id' AND extract(year FROM day) <> (fiscal ->> 'year')::int THEN
    PERFORM performance_refuse('the day is not in the fiscal year');
  END IF;
  IF entry ? 'fiscal_year_id' AND fiscal ->> 'state' = 'closed' THEN
    PERFORM performance_refuse('the final accounts are confirmed');
  END IF;
  IF entry ->> 'expense_line_id' IS NOT NULL THEN
    SELECT to_jsonb(t) INTO expense FROM performance_expenseline t
      WHERE id = (entry ->> 'expense_line_id')::bigint FOR NO KEY UPDATE;
    IF expense ->> 'program_year_id' IS DISTINCT FROM line ->> 'program_year_id' THEN
      PERFORM performance_refuse('expense line of another program');
    END IF;
  END IF;
  IF NEW.reversal_of_id IS NOT NULL THEN
    EXECUTE format('SELECT to_jsonb(t) FROM %I t WHERE id = $1', TG_TABLE_NAME) INTO origin USING NEW.reversal_of_id;
    IF origin ->> 'reversal_of_id' IS NOT NULL OR (origin ->> 'amount')::numeric <> -NEW.amount
        OR origin ->> 'line_id' <> entry ->> 'line_id'
        OR origin ->> 'expense_line_id' IS DISTINCT FROM entry ->> 'expense_line_id'
        OR origin ->> 'used_for' IS DISTINCT FROM entry ->> 'used_for' THEN
      PERFORM performance_refuse('a reversal takes back one whole entry');
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entry_guard BEFORE INSERT ON performance_spendingentry FOR EACH ROW
  EXECUTE FUNCTION performance_entry_guard('performance_spendingline', 'spent_on');
CREATE TRIGGER entry_guard BEFORE INSERT ON performance_incomeentry FOR EACH ROW
  EXECUTE FUNCTION performance_entry_guard('performance_incomeline', 'received_on');
CREATE TRIGGER entry_guard BEFORE INSERT ON performance_yearendbalance FOR EACH ROW
  EXECUTE FUNCTION performance_entry_guard('performance_spendingline', 'settled_on');
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("performance", "0001_budget_goals_reports"), ("workflow", "0005_times_in_range")]
    operations = [
        *(grant(f"performance_{table}", append_only=True) for table in APPEND_ONLY),
        *(grant(f"performance_{table}") for table in PLAIN),
        migrations.RunSQL(FROZEN, UNFROZEN),
        *(guard_state(f"performance_{table}", f"performance.{table}") for table in MOVED),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        migrations.RunSQL(ENTRIES, "DROP FUNCTION IF EXISTS performance_entry_guard() CASCADE"),
        times_checked("performance_fiscalyear", "approved_on", "final_on"),
        times_checked("performance_programyear", "approved_on"),
        times_checked("performance_milestone", "due_on", "done_on"),
        times_checked("performance_budgetadjustment", "adjusted_on"),
        times_checked("performance_incomeentry", "received_on"),
        times_checked("performance_spendingentry", "spent_on"),
        times_checked("performance_yearendbalance", "settled_on"),
        times_checked("performance_inspection", "inspected_on"),
        times_checked("performance_inspectionremedy", "done_on"),
        times_checked("performance_report", "dated_on"),
    ]
