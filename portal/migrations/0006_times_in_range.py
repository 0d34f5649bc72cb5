"""The database refuses times that nobody can mean, such as a year 1."""

from django.db import migrations

from core.db import times_checked


class Migration(migrations.Migration):
    # The check is added at once, old rows are read without a lock.
    atomic = False
    dependencies = [
        ("portal", "0005_rights_guards_and_paces"),
    ]

    operations = [
        times_checked("portal_articledraft", "publish_at"),
        times_checked("portal_article", "published_at", first=1949),
        times_checked("portal_ruleversion", "issued_on", "in_force_from", "repealed_on"),
    ]
