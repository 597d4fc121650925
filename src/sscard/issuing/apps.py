from django.apps import AppConfig


class IssuingConfig(AppConfig):
    name = "sscard.issuing"
    label = "issuing"
    default_auto_field = "django.db.models.BigAutoField"
