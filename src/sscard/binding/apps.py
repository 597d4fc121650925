from django.apps import AppConfig


class BindingConfig(AppConfig):
    name = "sscard.binding"
    label = "binding"
    default_auto_field = "django.db.models.BigAutoField"
