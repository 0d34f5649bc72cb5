"""The database refuses times that nobody can mean, such as a year 1."""

from django.db import migrations

from core.db import times_checked


class Migration(migrations.Migration):
    # The check is added at once, old rows are read without a lock.
    atomic = False
    dependencies = [
        ("accounts", "0004_assignment_rules"),
    ]

    operations = [
        times_checked("accounts_dutyassignment", "begins_at", "ends_at"),
    ]
