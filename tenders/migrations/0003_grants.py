"""Rights of the application's role: what is published can be added and read, not changed."""

from django.db import migrations

from core.db import grant


class Migration(migrations.Migration):
    dependencies = [("tenders", "0002_search_index")]
    operations = [
        grant("tenders_category"),
        grant("tenders_announcementtype"),
        grant("tenders_region"),
        grant("tenders_announcement", append_only=True),
        grant("tenders_announcementrecord", append_only=True),
        grant("tenders_attachment", append_only=True),
        grant("tenders_searchentry"),
    ]
