"""Quarterly interest, set by set: the SQL function `bank_pay_interest`."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("pay_interest_1.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("bank", "0020_savings"), ("ledger", "0003_holds_limits_days")]

    operations = [migrations.RunSQL(SQL, "drop function bank_pay_interest")]
