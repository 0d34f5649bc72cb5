"""Search entries made before tokens of three letters or digits replaced those of whole words."""

from django.db import migrations

from tenders.tokens import LATIN, latin_tokens, value_token

BATCH = 500


def renew(apps, schema_editor):
    entries = apps.get_model("tenders", "SearchEntry").objects
    first, last = value_token(LATIN, 0), value_token(LATIN, 7_999_999)
    batch = []

    def without_words(tokens):
        return {token for token in tokens if not first <= token <= last}

    for entry in entries.iterator(chunk_size=BATCH):
        title = latin_tokens(entry.folded_title)
        entry.title_tokens = list(without_words(entry.title_tokens) | title)
        entry.tokens = list(without_words(entry.tokens) | title | latin_tokens(entry.folded_text))
        batch.append(entry)
        if len(batch) == BATCH:
            entries.bulk_update(batch, ["title_tokens", "tokens"])
            batch = []
    if batch:
        entries.bulk_update(batch, ["title_tokens", "tokens"])


class Migration(migrations.Migration):
    dependencies = [("tenders", "0005_search_analyze")]
    operations = [migrations.RunPython(renew, migrations.RunPython.noop)]
