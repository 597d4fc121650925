"""The one way money moves: the SQL function `ledger_post_batch`. A later version comes with a migration like this one."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("post_batch.sql").read_text(encoding="utf-8")
DROP = "drop function if exists ledger_post_batch"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_post_batch_3")]

    operations = [migrations.RunSQL([DROP, SQL], DROP)]
