"""The one way money moves, third version: the same rows and answers, written without asking first whether they are there."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent
NEW = (HERE / "post_batch_3.sql").read_text(encoding="utf-8")
OLD = (HERE / "post_batch_2.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_without_row_checks")]

    operations = [
        migrations.RunSQL("drop function ledger_post_batch", OLD),
        migrations.RunSQL(NEW, "drop function ledger_post_batch"),
    ]
