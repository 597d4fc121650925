from django.db import migrations


class Migration(migrations.Migration):
    """Joins what was built side by side."""

    dependencies = [
        ("bank", "0010_account_life"),
        ("bank", "0021_pay_interest"),
        ("bank", "0030_savings"),
        ("bank", "0040_customers"),
    ]
    operations: list[object] = []
