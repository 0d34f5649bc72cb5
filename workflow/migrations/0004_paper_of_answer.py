"""Papers that come with an answer are told from those of the task."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0003_moves_clocks_tasks"),
    ]

    operations = [
        migrations.AddField(
            model_name="taskpaper",
            name="answer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="papers",
                to="workflow.taskanswer",
                verbose_name="随哪次反馈",
            ),
        ),
    ]
