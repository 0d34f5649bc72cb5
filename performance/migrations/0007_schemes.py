"""The national schemes, built in; schemes that never change; one approved goal table, judged at the commit.

Goal tables: of two versions one is approved and the other superseded within one transaction, so the rule that only one
stands is looked at when it ends. A partial unique index cannot wait; an exclusion constraint over btree can.
"""

from django.db import migrations

# 财预〔2020〕10号 《项目支出绩效评价管理办法》: weights art 14 (单位自评), bands art 22; in force from 2020.
BASIS = "财政部《项目支出绩效评价管理办法》（财预〔2020〕10号）"
DEPARTMENT = f"{BASIS}，部门整体支出参照项目支出"
COST = "参照 2022 年起部分地区的做法：成本指标单列为一级指标；本地财政部门有规定时再启用"
BANDS = (("优", 90), ("良", 80), ("中", 60), ("差", 0))
OUTPUT = ["数量指标", "质量指标", "时效指标", "成本指标"]
BENEFIT = ["经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标"]
SATISFIED = ["服务对象满意度"]
COSTS = ["经济成本指标", "社会成本指标", "生态环境成本指标"]
NATIONAL = (("产出指标", 50, OUTPUT), ("效益指标", 30, BENEFIT), ("满意度指标", 10, SATISFIED))
WITH_COST = (
    ("成本指标", 20, COSTS),
    ("产出指标", 40, OUTPUT[:3]),
    ("效益指标", 20, BENEFIT),
    ("满意度指标", 10, SATISFIED),
)
HEADINGS = {"project": "项目支出绩效自评表", "department": "部门整体支出绩效自评表"}
# Name, kind, from which year, on what basis, groups, whether it is used for new tables.
SCHEMES = (
    ("国家统一方案（项目支出）", "project", 2020, BASIS, NATIONAL, True),
    ("国家统一方案（部门整体支出）", "department", 2020, DEPARTMENT, NATIONAL, True),
    ("成本指标单列的方案（项目支出）", "project", 2022, COST, WITH_COST, False),
    ("成本指标单列的方案（部门整体支出）", "department", 2022, COST, WITH_COST, False),
)


def put(apps, schema_editor=None):
    """Put the built-in schemes there, unless they are; also used by tests after a flush."""
    scheme, group, band = (apps.get_model("performance", name) for name in ("Scheme", "SchemeGroup", "GradeBand"))
    for name, kind, year, basis, groups, active in SCHEMES:
        if scheme.objects.filter(name=name, kind=kind, is_builtin=True).exists():
            continue
        # An instance that made a scheme of its own for the same year keeps it.
        taken = scheme.objects.filter(kind=kind, first_year=year, is_active=True).exists()
        made = scheme.objects.create(
            name=name,
            kind=kind,
            first_year=year,
            basis=basis,
            heading=HEADINGS[kind],
            is_builtin=True,
            is_active=active and not taken,
        )
        group.objects.bulk_create(
            group(scheme=made, level1=level1, weight=weight, level2=level2, position=place)
            for place, (level1, weight, level2) in enumerate(groups, 1)
        )
        band.objects.bulk_create(band(scheme=made, grade=grade, lowest=lowest) for grade, lowest in BANDS)


GUARDS = """
CREATE FUNCTION performance_scheme_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR to_jsonb(OLD) - 'is_active' <> to_jsonb(NEW) - 'is_active' THEN
    RAISE EXCEPTION 'a scheme is never changed: a new one follows it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION performance_scheme_part_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- The parts come with their scheme, before anybody uses it.
    PERFORM 1 FROM performance_scheme WHERE id = NEW.scheme_id FOR UPDATE;
    IF NOT EXISTS (SELECT FROM performance_goaltable WHERE scheme_id = NEW.scheme_id) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a scheme is never changed: a new one follows it' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER scheme_kept BEFORE UPDATE OR DELETE ON performance_scheme FOR EACH ROW
  EXECUTE FUNCTION performance_scheme_kept();
CREATE TRIGGER scheme_kept BEFORE INSERT OR UPDATE OR DELETE ON performance_schemegroup FOR EACH ROW
  EXECUTE FUNCTION performance_scheme_part_kept();
CREATE TRIGGER scheme_kept BEFORE INSERT OR UPDATE OR DELETE ON performance_gradeband FOR EACH ROW
  EXECUTE FUNCTION performance_scheme_part_kept();
"""
NO_GUARDS = """
DROP FUNCTION IF EXISTS performance_scheme_kept() CASCADE;
DROP FUNCTION IF EXISTS performance_scheme_part_kept() CASCADE;
"""
ONE = """
ALTER TABLE performance_goaltable ADD CONSTRAINT performance_goals_approved EXCLUDE USING btree (
  fiscal_year_id WITH =, COALESCE(program_year_id, 0) WITH =
) WHERE (state = 'approved') DEFERRABLE INITIALLY DEFERRED
"""


def retire(apps, schema_editor):
    """Backwards: tables may name them, so they stay."""


class Migration(migrations.Migration):
    dependencies = [("performance", "0006_runs")]
    # The rows come last: a table with rows that wait for their checks takes no trigger.
    operations = [
        migrations.RunSQL(GUARDS, NO_GUARDS),
        migrations.RemoveConstraint("goaltable", "performance_goals_approved"),
        migrations.RunSQL(
            ONE, "ALTER TABLE performance_goaltable DROP CONSTRAINT IF EXISTS performance_goals_approved"
        ),
        migrations.RunPython(put, retire),
    ]
