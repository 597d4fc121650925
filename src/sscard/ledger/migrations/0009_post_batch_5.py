"""The one way money moves, with the provider's side of T09: what was settled goes back to where it came from only."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("post_batch.sql").read_text(encoding="utf-8")
DROP = "drop function if exists ledger_post_batch"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_post_batch_4")]

    operations = [migrations.RunSQL([DROP, SQL], DROP)]
