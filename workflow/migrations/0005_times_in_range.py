"""The database refuses times that nobody can mean, such as a year 1."""

from django.db import migrations

from core.db import times_checked


class Migration(migrations.Migration):
    # The check is added at once, old rows are read without a lock.
    atomic = False
    dependencies = [
        ("workflow", "0004_paper_of_answer"),
    ]

    operations = [
        times_checked("workflow_assignedtask", "due_on", "first_due_on"),
    ]
