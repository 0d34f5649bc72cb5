"""The database refuses times that nobody can mean, such as a year 1."""

from django.db import migrations

from core.db import times_checked


class Migration(migrations.Migration):
    # The check is added at once, old rows are read without a lock.
    atomic = False
    dependencies = [
        ("tenders", "0013_template_versions"),
    ]

    operations = [
        times_checked("tenders_announcementdraft", "publish_at", "medium_at"),
        times_checked("tenders_announcement", "published_at", "deadline", first=1949),
    ]
