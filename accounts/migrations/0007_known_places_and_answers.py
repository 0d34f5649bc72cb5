"""From where a person has logged in before; where a form led that was sent once already."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_pairs_for_all"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=80, verbose_name="网络地址")),
                ("seen_at", models.DateTimeField(verbose_name="最近登录")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_places",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "登录过的地址",
                "verbose_name_plural": "登录过的地址",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "place"), name="accounts_knownplace_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FormAnswer",
            fields=[
                (
                    "digest",
                    models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="提交的摘要"),
                ),
                ("location", models.TextField(verbose_name="办完以后去的页面")),
                ("at", models.DateTimeField(db_index=True, verbose_name="时间")),
            ],
            options={
                "verbose_name": "已办的提交",
                "verbose_name_plural": "已办的提交",
            },
        ),
        grant("accounts_knownplace"),
        grant("accounts_formanswer"),
    ]
