"""Trial balances of closed days, and the index that finds the entries of a day."""

import django.contrib.postgres.indexes
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0004_post_batch_2'),
    ]

    operations = [
        migrations.CreateModel(
            name='DayBalance',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'account_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('account_id', models.UUIDField()),
                ('day', models.DateField()),
                ('book', models.CharField(max_length=20)),
                ('opening_fen', models.BigIntegerField()),
                ('debits_fen', models.BigIntegerField()),
                ('credits_fen', models.BigIntegerField()),
                ('closing_fen', models.BigIntegerField()),
                ('entries', models.IntegerField()),
                ('last_seq', models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name='businessday',
            name='credits_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='businessday',
            name='debits_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='businessday',
            name='drawn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='businessday',
            name='entries',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='businessday',
            name='moved',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='businessday',
            name='total_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='businessday',
            name='wrong',
            field=models.IntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['person_id', 'business_date'], name='ledger_entry_days'),
        ),
        migrations.AddConstraint(
            model_name='daybalance',
            constraint=models.CheckConstraint(condition=models.Q(('closing_fen', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('opening_fen'), '+', models.F('credits_fen')), '-', models.F('debits_fen')))), name='ledger_daybalance_adds_up'),
        ),
    ]
