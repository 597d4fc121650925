from django.apps import AppConfig


class AppRoom(AppConfig):
    name = "sscard.app"
    label = "app"

    def ready(self) -> None:
        from sscard.app import wiring

        wiring.join()
