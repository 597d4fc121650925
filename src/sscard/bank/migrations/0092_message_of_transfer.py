from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bank", "0091_customer_id_end")]
    operations = [
        migrations.AddIndex(
            model_name="clearingmessage",
            index=models.Index(fields=["transfer_id"], name="bank_message_of_transfer"),
        ),
    ]
