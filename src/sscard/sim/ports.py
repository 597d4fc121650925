"""Which slots of lower floors the virtual world fills, where the configuration has it."""

from __future__ import annotations


def fill() -> None:
    """The national platform: the real one where its address is given, else the virtual one where it has a host here."""
    from django.conf import settings

    from sscard.cards.electronic import platform
    from sscard.sim.national.line import DirectLine, HttpLine

    config = settings.CONFIG
    if config.national_url:
        platform.use(HttpLine(config.national_url, config.national_name, config.national_secret))
    elif config.national_host:
        from sscard.sim.national import site

        platform.use(DirectLine(site.platform()))
