from django.db import migrations, models


class Migration(migrations.Migration):
    """A second factor serves one order once."""

    dependencies = [("bank", "0092_message_of_transfer")]
    operations = [
        migrations.AddField(
            model_name="customer",
            name="proof_spent_at",
            field=models.DateTimeField(null=True),
        ),
    ]
