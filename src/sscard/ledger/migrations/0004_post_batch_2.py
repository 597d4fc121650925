"""The end of holds; and once the second version of `ledger_post_batch`, of which only the last is kept."""

from pathlib import Path

from django.db import migrations

EXPIRE = Path(__file__).with_name("expire_holds_1.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_holds_limits_days"), ("control", "0001_initial")]

    operations = [migrations.RunSQL(EXPIRE, "drop function ledger_expire_holds")]
