from django.db import migrations


class Migration(migrations.Migration):
    """Joins what was built side by side."""

    dependencies = [("bank", "0060_returns_and_pulls"), ("bank", "0080_linked")]
    operations: list[object] = []
