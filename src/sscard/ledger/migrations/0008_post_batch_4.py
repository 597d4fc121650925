"""Made the fourth version of `ledger_post_batch`, of which only the last is kept."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_post_batch_3")]

    operations = []
