"""The one way money moves: the SQL function `ledger_post_batch`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("post_batch_1.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("control", "0001_initial")]

    operations = [migrations.RunSQL(SQL, "drop function ledger_post_batch")]
