"""Once renewed the tokens of search entries; the next migration makes them anew altogether."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenders", "0005_search_analyze")]
    operations: list = []
