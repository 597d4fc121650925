"""Holds with a receiver, limits by day, month and year, memory of reversals, closed business days, purposes of accounts.

No row of `hold` was ever written before this, so the one-off defaults of its new columns meet nothing.
"""

import datetime
import uuid

from django.db import migrations, models

import sscard.kernel.keys

# Row-level security is forced on the owner too, so it is lifted for the length of this transaction.
MOVE_DAY_LIMITS = """
alter table ledger_daylimit no force row level security;
insert into ledger_limituse (person_id, account_id, begins, period, kind, book, used_fen, times)
select person_id, account_id, business_date, 'day', kind, book, used_fen, times from ledger_daylimit;
"""
PURPOSE_OF_OWN = """
alter table ledger_ledgeraccount no force row level security;
update ledger_ledgeraccount set purpose = 'internal' where kind = 'internal';
alter table ledger_ledgeraccount force row level security;
"""
# The counters change at every movement: room on the page keeps the new row version beside the old one.
ROOM_FOR_COUNTERS = "alter table ledger_ledgeraccount set (fillfactor = 70)"


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0002_post_batch'),
    ]

    operations = [
        migrations.CreateModel(
            name='BusinessDay',
            fields=[
                ('pk', models.CompositePrimaryKey('book', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('book', models.CharField(max_length=20)),
                ('day', models.DateField()),
                ('closed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='LimitUse',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'account_id', 'begins', 'period', 'kind', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('account_id', models.UUIDField()),
                ('begins', models.DateField()),
                ('period', models.CharField(max_length=5)),
                ('kind', models.CharField(max_length=40)),
                ('book', models.CharField(max_length=20)),
                ('used_fen', models.BigIntegerField(default=0)),
                ('times', models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Reversal',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'transfer_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('transfer_id', models.UUIDField()),
                ('book', models.CharField(max_length=20)),
                ('reversed_by', models.UUIDField(null=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(MOVE_DAY_LIMITS, migrations.RunSQL.noop),
        migrations.DeleteModel(
            name='DayLimit',
        ),
        migrations.AddField(
            model_name='hold',
            name='business_date',
            field=models.DateField(default=datetime.date(2026, 1, 1)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='hold',
            name='credit_account_id',
            field=models.UUIDField(default=uuid.UUID('00000000-0000-0000-0000-000000000000')),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='hold',
            name='credit_person_id',
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='hold',
            name='limits',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='ledgeraccount',
            name='frozen_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='ledgeraccount',
            name='purpose',
            field=models.CharField(default='savings', max_length=12),
        ),
        migrations.RunSQL(PURPOSE_OF_OWN, migrations.RunSQL.noop),
        migrations.RunSQL(ROOM_FOR_COUNTERS, "alter table ledger_ledgeraccount reset (fillfactor)"),
        migrations.AddField(
            model_name='posting',
            name='limited_by',
            field=models.CharField(blank=True, default='', max_length=60),
        ),
        migrations.AddField(
            model_name='transfer',
            name='counted_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='transfer',
            name='limits',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(max_length=40),
        ),
        migrations.AlterField(
            model_name='hold',
            name='kind',
            field=models.CharField(max_length=40),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='kind',
            field=models.CharField(max_length=40),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('state', 'placed')), fields=['person_id', 'expires_at'], name='ledger_hold_placed'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['placed', 'captured', 'voided', 'expired'])), name='ledger_hold_state'),
        ),
        migrations.AddConstraint(
            model_name='ledgeraccount',
            constraint=models.CheckConstraint(condition=models.Q(('frozen_fen__gte', 0)), name='ledger_account_frozen'),
        ),
        migrations.AddConstraint(
            model_name='ledgeraccount',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['savings', 'medical', 'provider', 'internal'])), name='ledger_account_purpose'),
        ),
        migrations.AddConstraint(
            model_name='limituse',
            constraint=models.CheckConstraint(condition=models.Q(('times__gte', 0), ('used_fen__gte', 0)), name='ledger_limituse_counters'),
        ),
        migrations.AddConstraint(
            model_name='limituse',
            constraint=sscard.kernel.keys.CompositeForeignKey(fields=['person_id', 'account_id'], name='ledger_limituse_account', to='ledger.LedgerAccount', to_fields=['person_id', 'account_id']),
        ),
    ]
