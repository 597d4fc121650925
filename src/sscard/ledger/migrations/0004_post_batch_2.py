"""The one way money moves, second version: holds, reversals, groups, limits by period, closed days; and the end of holds."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent
NEW = (HERE / "post_batch_2.sql").read_text(encoding="utf-8")
OLD = (HERE / "post_batch_1.sql").read_text(encoding="utf-8")
EXPIRE = (HERE / "expire_holds_1.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_holds_limits_days"), ("control", "0001_initial")]

    operations = [
        migrations.RunSQL("drop function ledger_post_batch", OLD),
        migrations.RunSQL(NEW, "drop function ledger_post_batch"),
        migrations.RunSQL(EXPIRE, "drop function ledger_expire_holds"),
    ]
