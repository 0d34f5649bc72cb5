"""Whether a bureau's workbook was ever used: one that never was may be removed. Those of before count as used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("performance", "0016_frozen_whole")]
    operations = [
        migrations.AddField(
            model_name="bureauworkbook",
            name="filled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="首次填表时间"),
        ),
        # A few rows. Nobody noted it until now, so what is pointed may have been filled.
        migrations.RunSQL(
            """
            UPDATE performance_bureauworkbook SET filled_at = uploaded_at
            WHERE EXISTS (SELECT FROM performance_workbookcell cell WHERE cell.workbook_id = performance_bureauworkbook.id)
            """,
            migrations.RunSQL.noop,
        ),
    ]
