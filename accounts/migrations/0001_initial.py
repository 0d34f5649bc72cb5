from django.db import migrations, models

from core.db import grant

# The application's role must not make objects of its own, not even temporary ones; the same on every version.
CLOSE = """
DO $$ BEGIN
  EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
END $$
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=150, unique=True, verbose_name="登录名")),
                ("name", models.CharField(max_length=100, verbose_name="姓名")),
                (
                    "kind",
                    models.CharField(
                        choices=[("staff", "工作人员"), ("organisation", "经营主体"), ("expert", "评审专家")],
                        default="staff",
                        max_length=20,
                        verbose_name="种类",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
            ],
            options={
                "verbose_name": "用户",
                "verbose_name_plural": "用户",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["staff", "organisation", "expert"])),
                        name="accounts_user_kind",
                        violation_error_message="用户种类只能是工作人员、经营主体或评审专家。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Instance",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("demo", "演示"), ("center", "正式")], max_length=10, verbose_name="种类"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
            ],
            options={
                "verbose_name": "实例",
                "verbose_name_plural": "实例",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="accounts_instance_single"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["demo", "center"])), name="accounts_instance_kind"
                    ),
                ],
            },
        ),
        migrations.RunSQL(CLOSE, migrations.RunSQL.noop),
        grant("accounts_user"),
        grant("accounts_instance", append_only=True),
        grant("django_content_type", read_only=True),
        grant("django_migrations", read_only=True),
    ]
