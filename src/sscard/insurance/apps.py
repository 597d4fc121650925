from django.apps import AppConfig


class InsuranceConfig(AppConfig):
    name = "sscard.insurance"
    label = "insurance"
    default_auto_field = "django.db.models.BigAutoField"
