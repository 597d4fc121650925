from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cards', '0010_electronic'),
    ]

    operations = [
        migrations.AddField(
            model_name='cardpassword',
            name='on_chip',
            field=models.BooleanField(default=False),
        ),
    ]
