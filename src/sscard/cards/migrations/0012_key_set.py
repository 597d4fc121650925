from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cards', '0011_password_on_chip'),
    ]

    operations = [
        migrations.AddField(
            model_name='card',
            name='key_set',
            field=models.CharField(blank=True, default='', max_length=24),
        ),
    ]
