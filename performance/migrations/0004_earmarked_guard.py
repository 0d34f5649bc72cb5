"""Earmarked money in the database itself: nothing above the balance, outside the purpose or before the approval."""

from django.db import migrations, models

# spent_guard runs after entry_guard (triggers of one moment run by name), which has locked the line and the expense line
# until the transaction ends.
GUARD = """
CREATE FUNCTION performance_line_left(line_id bigint) RETURNS numeric LANGUAGE sql AS $$
  SELECT l.initial_amount
    + COALESCE((SELECT sum(amount) FROM performance_budgetadjustment a WHERE a.spending_line_id = l.id), 0)
    - COALESCE((SELECT sum(amount) FROM performance_spendingentry e WHERE e.line_id = l.id), 0)
    - COALESCE((SELECT sum(amount) FROM performance_yearendbalance b WHERE b.line_id = l.id), 0)
  FROM performance_spendingline l WHERE l.id = line_id
$$;

CREATE FUNCTION performance_expense_left(expense_id bigint) RETURNS numeric LANGUAGE sql AS $$
  SELECT x.initial_amount
    + COALESCE((SELECT sum(amount) FROM performance_budgetadjustment a WHERE a.expense_line_id = x.id), 0)
    - COALESCE((SELECT sum(amount) FROM performance_spendingentry e WHERE e.expense_line_id = x.id), 0)
  FROM performance_expenseline x WHERE x.id = expense_id
$$;

CREATE FUNCTION performance_spent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  line performance_spendingline; program performance_programyear; expense performance_expenseline;
  leave performance_specialapproval; economic text; faults text[] := '{}'; origin_approval bigint;
BEGIN
  IF NEW.reversal_of_id IS NOT NULL THEN
    SELECT approval_id INTO origin_approval FROM performance_spendingentry WHERE id = NEW.reversal_of_id;
    IF origin_approval IS DISTINCT FROM NEW.approval_id THEN
      PERFORM performance_refuse('a reversal gives back to the approval of its entry');
    END IF;
    RETURN NEW;
  END IF;
  SELECT * INTO line FROM performance_spendingline WHERE id = NEW.line_id;
  IF NEW.payment_number <> '' AND EXISTS (SELECT FROM performance_spendingentry e
      WHERE e.payment_number = NEW.payment_number AND e.payment_number <> '' AND e.line_id = NEW.line_id
      AND e.reversal_of_id IS NULL
      AND NOT EXISTS (SELECT FROM performance_spendingentry b WHERE b.reversal_of_id = e.id)) THEN
    PERFORM performance_refuse('the payment is entered already');
  END IF;
  IF line.program_year_id IS NULL THEN
    IF NEW.used_for = 'other' OR (NEW.used_for = 'routine' AND line.category <> 'routine') THEN
      PERFORM performance_refuse('outside of what the line is for');
    END IF;
    IF NEW.approval_id IS NOT NULL THEN
      PERFORM performance_refuse('the approval is for something else');
    END IF;
    RETURN NEW;
  END IF;
  SELECT * INTO program FROM performance_programyear WHERE id = line.program_year_id FOR SHARE;
  IF program.state = 'closed' THEN
    PERFORM performance_refuse('the program is closed');
  END IF;
  IF program.state <> 'approved' OR NEW.spent_on < program.approved_on THEN
    faults := faults || 'before'::text;
  END IF;
  SELECT code INTO economic FROM performance_subject WHERE id = line.economic_id;
  SELECT * INTO expense FROM performance_expenseline WHERE id = NEW.expense_line_id;
  IF NEW.used_for = 'own' AND NEW.expense_line_id IS NULL AND EXISTS (
      SELECT FROM performance_expenseline WHERE program_year_id = program.id) THEN
    PERFORM performance_refuse('the expense line is missing');
  END IF;
  IF NEW.used_for <> 'own' OR (jsonb_array_length(expense.economic_codes) > 0 AND NOT EXISTS (
      SELECT FROM jsonb_array_elements_text(expense.economic_codes) AS c(code) WHERE economic LIKE c.code || '%')) THEN
    faults := faults || 'purpose'::text;
  END IF;
  IF cardinality(faults) > 1 OR (faults <> '{}' AND NEW.approval_id IS NULL) THEN
    PERFORM performance_refuse('earmarked money: ' || array_to_string(faults, ','));
  END IF;
  IF NEW.approval_id IS NULL THEN
    RETURN NEW;
  END IF;
  -- Two entries at once cannot both use the rest of one approval.
  SELECT * INTO leave FROM performance_specialapproval WHERE id = NEW.approval_id FOR NO KEY UPDATE;
  IF leave.state <> 'approved' OR leave.kind <> COALESCE(faults[1], 'balance') OR leave.program_year_id <> program.id THEN
    PERFORM performance_refuse('the approval is for something else');
  END IF;
  IF leave.amount - COALESCE((SELECT sum(amount) FROM performance_spendingentry WHERE approval_id = leave.id), 0)
      < NEW.amount THEN
    PERFORM performance_refuse('the approval does not reach');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER spent_guard BEFORE INSERT ON performance_spendingentry FOR EACH ROW
  EXECUTE FUNCTION performance_spent_guard();

-- Balances once a statement: ten thousand rows of a list would each add up all that went before. entry_guard holds the
-- lines of every row by now, so that the sums see all entries that were committed, and nobody adds another.
CREATE FUNCTION performance_balance_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT l.id, l.program_year_id FROM performance_spendingline l
      WHERE l.id IN (SELECT a.line_id FROM added a LEFT JOIN performance_specialapproval s ON s.id = a.approval_id
        WHERE a.reversal_of_id IS NULL AND s.kind IS DISTINCT FROM 'balance') LOOP
    IF performance_line_left(found.id) < 0 THEN
      PERFORM performance_refuse(CASE WHEN found.program_year_id IS NULL THEN 'above the balance of the line'
        ELSE 'earmarked money: balance' END);
    END IF;
  END LOOP;
  FOR found IN SELECT DISTINCT a.expense_line_id AS id FROM added a
      LEFT JOIN performance_specialapproval s ON s.id = a.approval_id
      WHERE a.reversal_of_id IS NULL AND a.expense_line_id IS NOT NULL AND s.kind IS DISTINCT FROM 'balance' LOOP
    IF performance_expense_left(found.id) < 0 THEN
      PERFORM performance_refuse('earmarked money: balance');
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER balance_guard AFTER INSERT ON performance_spendingentry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION performance_balance_guard();

CREATE FUNCTION performance_settled_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.reversal_of_id IS NULL AND performance_line_left(NEW.line_id) < NEW.amount THEN
    PERFORM performance_refuse('more than is left of the line');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER settled_guard BEFORE INSERT ON performance_yearendbalance FOR EACH ROW
  EXECUTE FUNCTION performance_settled_guard();

-- A budget is never cut below what was spent of it, nor an income below zero, nor anything after the final accounts.
CREATE FUNCTION performance_adjustment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  year_id bigint; year_state text; whole numeric;
BEGIN
  IF NEW.spending_line_id IS NOT NULL THEN
    SELECT fiscal_year_id INTO year_id FROM performance_spendingline WHERE id = NEW.spending_line_id FOR NO KEY UPDATE;
    whole := performance_line_left(NEW.spending_line_id);
  ELSIF NEW.expense_line_id IS NOT NULL THEN
    PERFORM FROM performance_expenseline WHERE id = NEW.expense_line_id FOR NO KEY UPDATE;
    SELECT p.fiscal_year_id INTO year_id FROM performance_expenseline x
      JOIN performance_programyear p ON p.id = x.program_year_id WHERE x.id = NEW.expense_line_id;
    whole := performance_expense_left(NEW.expense_line_id);
    IF whole IS NULL THEN
      PERFORM performance_refuse('the expense line has no budget of its own');
    END IF;
  ELSE
    SELECT fiscal_year_id, initial_amount INTO year_id, whole FROM performance_incomeline
      WHERE id = NEW.income_line_id FOR NO KEY UPDATE;
    whole := whole + COALESCE((SELECT sum(amount) FROM performance_budgetadjustment
      WHERE income_line_id = NEW.income_line_id), 0);
  END IF;
  SELECT state INTO year_state FROM performance_fiscalyear WHERE id = year_id FOR SHARE;
  IF year_id <> NEW.fiscal_year_id THEN
    PERFORM performance_refuse('adjustment and line are of different years');
  END IF;
  IF year_state <> 'approved' THEN
    PERFORM performance_refuse('only an approved budget is adjusted');
  END IF;
  IF whole + NEW.amount < 0 THEN
    PERFORM performance_refuse('below what was spent');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER adjustment_guard BEFORE INSERT ON performance_budgetadjustment FOR EACH ROW
  EXECUTE FUNCTION performance_adjustment_guard();

CREATE TRIGGER kept BEFORE UPDATE ON performance_fiscalyear FOR EACH ROW EXECUTE FUNCTION
  performance_kept('state,document_number,approved_on,final_income,final_spending,final_on');
CREATE TRIGGER kept BEFORE UPDATE ON performance_specialapproval FOR EACH ROW EXECUTE FUNCTION
  performance_kept('state');
"""
UNGUARD = """
DROP TRIGGER IF EXISTS kept ON performance_specialapproval;
DROP TRIGGER IF EXISTS kept ON performance_fiscalyear;
DROP FUNCTION IF EXISTS performance_adjustment_guard() CASCADE;
DROP FUNCTION IF EXISTS performance_settled_guard() CASCADE;
DROP FUNCTION IF EXISTS performance_balance_guard() CASCADE;
DROP FUNCTION IF EXISTS performance_spent_guard() CASCADE;
DROP FUNCTION IF EXISTS performance_expense_left(bigint);
DROP FUNCTION IF EXISTS performance_line_left(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("performance", "0003_subjects")]
    operations = [
        # A payment that was entered wrongly and taken back is entered again: the trigger knows what stands.
        migrations.RemoveConstraint("spendingentry", "performance_entry_payment"),
        migrations.AddIndex(
            "spendingentry",
            models.Index(
                condition=~models.Q(payment_number=""), fields=["payment_number"], name="performance_entry_payment"
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
