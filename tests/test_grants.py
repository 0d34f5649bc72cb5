"""What the database itself allows the application's role, read from the catalog and tried out."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

pytestmark = pytest.mark.django_db
ROLE = settings.DATABASE_APP_ROLE
# Listed by hand: a migration that loses its grant must not take the table out of the tests below.
APPEND_ONLY = {
    "accounts_instance",
    "audit_actionrow",
    "audit_logcheckpoint",
    "audit_logdayend",
    "audit_logkey",
    "audit_logleaf",
    "audit_lognode",
    "audit_logobject",
    "audit_daydigest",
    "audit_seal",
    "audit_sealedrow",
    "audit_verification",
    "documents_storedfile",
    "performance_actualpaper",
    "performance_actualvalue",
    "performance_budgetadjustment",
    "performance_dealfigure",
    "performance_entrypaper",
    "performance_goalprogress",
    "performance_goalshare",
    "performance_incomeentry",
    "performance_inspection",
    "performance_inspectionremedy",
    "performance_laganswer",
    "performance_disclosurewithdrawal",
    "performance_lagpaper",
    "performance_linereason",
    "performance_managementscore",
    "performance_manualscore",
    "performance_monthplan",
    "performance_rectificationanswer",
    "performance_rectificationpaper",
    "performance_reportdisclosure",
    "performance_reportfile",
    "performance_reportfreeze",
    "performance_resultuse",
    "performance_sectionversion",
    "performance_spendingentry",
    "performance_surveyactual",
    "performance_surveyanswer",
    "performance_surveybatch",
    "performance_surveyresult",
    "performance_stampedscan",
    "performance_yearendbalance",
    "portal_article",
    "portal_articlefile",
    "portal_articlewithdrawal",
    "tenders_announcement",
    "tenders_announcementrecord",
    "tenders_attachment",
    "tenders_sealedfile",
    "tenders_sealedoriginal",
    "tenders_templateversion",
    "upkeep_backuprun",
    "upkeep_clockreading",
    "upkeep_holdevent",
    "workflow_calendarday",
    "workflow_calendaryear",
    "workflow_clockchange",
    "workflow_statechange",
    "workflow_taskanswer",
    "workflow_taskpaper",
}


def rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    """The rows of a query, asked as the application's role."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def names(sql: str, *params: Any) -> list[str]:
    """The first column of a query."""
    return [row[0] for row in rows(sql, *params)]


def tables_with_right(right: str) -> set[str]:
    """The tables on which the role has ``right``, whether given to it, to a role it is in, or to all."""
    return set(
        names(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p', 'v', 'm')"
            " AND has_table_privilege(%s, oid, %s)",
            ROLE,
            right,
        )
    )


def append_only_tables() -> set[str]:
    """The tables that a trigger keeps from being changed."""
    return set(names("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only' AND tgenabled = 'O'"))


def model_tables() -> set[str]:
    """The tables of the house's own models (Django's groups and permissions are not used)."""
    return {model._meta.db_table for model in apps.get_models() if not model.__module__.startswith("django.")}


def refused(sql: str) -> str:
    """The SQLSTATE with which the database refuses ``sql``."""
    with pytest.raises(ProgrammingError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    return str(getattr(caught.value.__cause__, "pgcode", ""))


def test_tests_run_as_the_applications_role() -> None:
    assert rows("SELECT current_user::text") == [(ROLE,)]


def test_role_is_an_ordinary_one() -> None:
    assert rows(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = %s",
        ROLE,
    ) == [(False, False, False, False, False)]


def test_role_is_a_member_of_no_other() -> None:
    assert names("SELECT roleid::regrole::text FROM pg_auth_members WHERE member = %s::regrole", ROLE) == []


def test_role_creates_nothing() -> None:
    assert names("SELECT nspname FROM pg_namespace WHERE has_schema_privilege(%s, oid, 'CREATE')", ROLE) == []
    assert rows("SELECT has_database_privilege(%s, current_database(), 'CREATE')", ROLE) == [(False,)]


def test_role_owns_nothing() -> None:
    assert names("SELECT relname FROM pg_class WHERE relowner = %s::regrole", ROLE) == []
    assert names("SELECT proname FROM pg_proc WHERE proowner = %s::regrole", ROLE) == []
    assert names("SELECT typname FROM pg_type WHERE typowner = %s::regrole", ROLE) == []
    assert names("SELECT nspname FROM pg_namespace WHERE nspowner = %s::regrole", ROLE) == []
    assert names("SELECT datname FROM pg_database WHERE datdba = %s::regrole", ROLE) == []


@pytest.mark.parametrize("right", ["TRUNCATE", "REFERENCES", "TRIGGER"])
def test_role_has_no_right_that_the_portal_never_uses(right: str) -> None:
    assert tables_with_right(right) == set()


def test_every_table_of_a_model_can_be_read() -> None:
    # An answer that waits is written and counted, never read: it could be traced to its code.
    assert model_tables() - tables_with_right("SELECT") == {"performance_surveyinbox"}


def test_exactly_these_tables_are_append_only() -> None:
    assert append_only_tables() == APPEND_ONLY


def test_role_runs_these_functions_with_the_owners_rights_and_no_others() -> None:
    found = names(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        " AND has_function_privilege(%s, oid, 'EXECUTE')",
        ROLE,
    )
    assert sorted(found) == [
        "performance_survey_release",
        "tenders_mask",
        "tenders_search_analyze",
        "tenders_search_flush",
    ]


def test_append_only_tables_are_read_and_added_to_only() -> None:
    kept = append_only_tables()
    # Answers are added by performance_survey_release alone.
    assert kept - tables_with_right("INSERT") == {"performance_surveyanswer"}
    assert kept & (tables_with_right("UPDATE") | tables_with_right("DELETE")) == set()


def test_no_column_of_an_append_only_table_can_be_changed() -> None:
    found = names(
        "SELECT attrelid::regclass::text FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped"
        " AND attrelid::regclass::text = ANY(%s) AND has_column_privilege(%s, attrelid, attnum, 'UPDATE')",
        list(append_only_tables()),
        ROLE,
    )
    assert found == []


def test_a_role_that_may_insert_may_also_number() -> None:
    found = rows(
        "SELECT d.refobjid::regclass::text, has_sequence_privilege(%s, s.oid, 'USAGE') FROM pg_class s"
        " JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass"
        " WHERE s.relkind = 'S' AND has_table_privilege(%s, d.refobjid, 'INSERT')",
        ROLE,
        ROLE,
    )
    assert [table for table, allowed in found if not allowed] == []


def test_sequences_cannot_be_set() -> None:
    found = rows(
        "SELECT relname, CASE relkind WHEN 'S' THEN has_sequence_privilege(%s, oid, 'UPDATE') ELSE false END"
        " FROM pg_class WHERE relkind = 'S'",
        ROLE,
    )
    assert [name for name, allowed in found if allowed] == []


def test_role_cannot_pass_on_rights() -> None:
    assert tables_with_right("SELECT WITH GRANT OPTION") == set()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP TABLE accounts_instance",
        "TRUNCATE accounts_instance",
        "ALTER TABLE accounts_instance ADD COLUMN mine int",
        "ALTER TABLE accounts_instance DISABLE TRIGGER append_only",
        "DROP TRIGGER append_only ON accounts_instance",
        "CREATE INDEX mine ON accounts_instance (kind)",
        "UPDATE accounts_instance SET kind = 'center'",
        "DELETE FROM accounts_instance",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "COPY accounts_instance TO PROGRAM 'true'",
        "UPDATE django_migrations SET name = 'x'",
        *(
            attempt.format(table=table)
            for table in sorted(APPEND_ONLY)
            for attempt in (
                "DELETE FROM {table}",
                "TRUNCATE {table} CASCADE",
                "DROP TABLE {table} CASCADE",
                "ALTER TABLE {table} DISABLE TRIGGER ALL",
                "ALTER TABLE {table} ADD COLUMN mine int",
                "DROP TRIGGER append_only ON {table}",
                "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
                "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
            )
        ),
        "UPDATE audit_logleaf SET sha256 = sha256",
        "UPDATE audit_lognode SET hash = hash",
        "UPDATE audit_logcheckpoint SET root = root",
        "UPDATE audit_logdayend SET day = day",
        "UPDATE audit_logkey SET public_key = public_key",
        "UPDATE audit_logobject SET content = content",
        "INSERT INTO audit_logleaf SELECT * FROM audit_logleaf ON CONFLICT (seq) DO UPDATE SET kind = 'result'",
        "UPDATE audit_actionrow SET by_name = 'x'",
        "DELETE FROM audit_actionrow",
        "TRUNCATE audit_actionrow CASCADE",
        "DROP TABLE audit_seal CASCADE",
        "UPDATE audit_seal SET head = 'x'",
        "DELETE FROM audit_sealedrow",
        "TRUNCATE audit_sealedrow, audit_daydigest",
        "ALTER TABLE audit_actionrow DISABLE TRIGGER row_waits",
        "DROP TRIGGER row_waits ON audit_actionrow",
        "CREATE OR REPLACE FUNCTION audit_row_waits() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "DELETE FROM audit_verification",
    ],
)
def test_database_refuses(sql: str) -> None:
    assert refused(sql) == "42501"


def test_the_owner_cannot_change_an_append_only_row_either() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO accounts_instance (id, kind, created_at) VALUES (1, 'demo', now())")
        cursor.execute("RESET ROLE")
    try:
        assert refused("UPDATE accounts_instance SET kind = 'center'") == "42501"
        assert refused("DELETE FROM accounts_instance") == "42501"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{ROLE}"')


def as_owner(*statements: str) -> None:
    """Put rows there that a test is about."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for sql in statements:
            cursor.execute(sql)
        cursor.execute(f'SET ROLE "{ROLE}"')


PERSON = (
    "INSERT INTO accounts_user (id, password, username, name, kind, is_active, created_at)"
    " VALUES (1, '!', 'x', 'x', 'staff', true, now())"
)
DUTY = "INSERT INTO accounts_dutyassignment (user_id, duty, begins_at) VALUES (1, 'intake', now() - interval '{ago}')"


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM accounts_dutyassignment",
        *(
            f"UPDATE accounts_dutyassignment SET {column}"
            for column in (
                "duty = 'director'", "user_id = 1", "begins_at = now()", "department_id = NULL", "given_by_id = NULL",
                "delegated_from_id = NULL", "ends_at = now(), duty = 'director'",
            )
        ),
    ],
)  # fmt: skip
def test_who_had_which_duty_from_when_cannot_be_rewritten(sql: str) -> None:
    as_owner(PERSON, DUTY.format(ago="2 minutes"))
    assert refused(sql) == "42501"


def test_a_duty_may_end_and_one_that_has_not_begun_may_go() -> None:
    as_owner(PERSON, DUTY.format(ago="2 minutes"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_dutyassignment SET ends_at = now()")
        cursor.execute(DUTY.format(ago="-1 hour"))
        cursor.execute("DELETE FROM accounts_dutyassignment WHERE begins_at > now()")
        assert cursor.rowcount == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_loghead SET size = 0",
        "UPDATE audit_loghead SET size = size + 1",
        "DELETE FROM audit_loghead",
        "INSERT INTO audit_loghead (id, size) VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET size = 0",
    ],
)
def test_the_head_of_the_log_goes_with_its_leaves(sql: str) -> None:
    as_owner("INSERT INTO audit_loghead (id, size) VALUES (1, 3)")
    assert refused(sql) == "42501"


@pytest.mark.parametrize("sql", ["DELETE FROM audit_waitingrow", "UPDATE audit_waitingrow SET row_id = row_id + 1000"])
def test_no_action_leaves_the_queue_unsealed(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_actionrow (at, tag, by_name, subject, detail, address, success)"
            " VALUES (now(), 'session.login', '', '', '{}', '', true)"
        )
    assert rows("SELECT count(*) FROM audit_waitingrow") == [(1,)]
    assert refused(sql) == "42501"
