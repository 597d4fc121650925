"""Made the third version of `ledger_post_batch`, of which only the last is kept."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_without_row_checks")]

    operations = []
