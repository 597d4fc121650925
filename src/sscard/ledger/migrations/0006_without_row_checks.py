"""Rows that only the posting function writes are not checked against their account a second time."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0005_day_balances'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='entry',
            name='ledger_entry_account',
        ),
        migrations.RemoveConstraint(
            model_name='limituse',
            name='ledger_limituse_account',
        ),
        migrations.RemoveConstraint(
            model_name='transfer',
            name='ledger_transfer_debit',
        ),
    ]
