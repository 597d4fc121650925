from django.apps import AppConfig


class BankConfig(AppConfig):
    name = "sscard.bank"
    label = "bank"
    default_auto_field = "django.db.models.BigAutoField"
