"""Offices, and who has which duty in them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant

# The eight of the seeds, in their order.
DEPARTMENTS = (
    ("directors", "主任室"),
    ("deputies", "副主任室"),
    ("general", "综合科"),
    ("finance", "财务科"),
    ("intake", "受理科"),
    ("evaluation", "评审科"),
    ("witness", "见证科"),
    ("it", "信息科"),
)


def departments(apps, schema_editor):
    model = apps.get_model("accounts", "Department")
    for position, (code, name) in enumerate(DEPARTMENTS, 1):
        model.objects.get_or_create(code=code, defaults={"name": name, "position": position})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Department",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="名称")),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="次序")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
            ],
            options={
                "verbose_name": "科室",
                "verbose_name_plural": "科室",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="DutyAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "duty",
                    models.CharField(
                        choices=[
                            ("director", "主任"),
                            ("deputy_director", "副主任"),
                            ("office_head", "科室负责人"),
                            ("announcement_draft", "公告拟稿"),
                            ("announcement_check", "公告复核发布"),
                            ("secrecy_check", "保密审查"),
                            ("masking", "个人信息遮蔽"),
                            ("article_edit", "栏目文章编辑"),
                            ("rule_edit", "制度库管理"),
                            ("intake", "项目受理"),
                            ("evaluation", "开标评标组织"),
                            ("expert_draw", "专家抽取"),
                            ("witness", "交易见证"),
                            ("archive", "档案管理"),
                            ("deposit_make", "保证金经办"),
                            ("deposit_check", "保证金复核"),
                            ("finance", "财务经办"),
                            ("performance", "绩效管理"),
                            ("equipment", "设备管理"),
                            ("expert_library", "专家库管理"),
                            ("general_affairs", "综合事务"),
                            ("system_admin", "系统管理员"),
                            ("security_admin", "安全管理员"),
                            ("audit_admin", "审计管理员"),
                        ],
                        max_length=40,
                        verbose_name="职责",
                    ),
                ),
                ("begins_at", models.DateTimeField(verbose_name="开始")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="结束")),
                (
                    "delegated_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="代谁",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="accounts.department",
                        verbose_name="科室",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="授予人",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "职责分配",
                "verbose_name_plural": "职责分配",
                "indexes": [models.Index(fields=["user", "duty"], name="accounts_assignment_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gt", models.F("begins_at")), _connector="OR"
                        ),
                        name="accounts_assignment_period",
                        violation_error_message="结束时间应晚于开始时间。",
                    )
                ],
            },
        ),
        grant("accounts_department"),
        grant("accounts_dutyassignment"),
        migrations.RunPython(departments, migrations.RunPython.noop),
    ]
