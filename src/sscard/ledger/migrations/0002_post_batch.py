"""Made the first version of `ledger_post_batch`. A function is replaced as a whole, so only its last version is kept."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("control", "0001_initial")]

    operations = []
