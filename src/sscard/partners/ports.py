"""Which slots of lower floors and of its own this room fills."""

from __future__ import annotations


def fill() -> None:
    from django.conf import settings

    from sscard.binding import asking
    from sscard.law import areas
    from sscard.partners import jobs
    from sscard.partners.hooks import guard, sending
    from sscard.partners.sandbox import forcing, tenants

    config = settings.CONFIG
    areas.copied = tenants.copy_of
    asking.ordered = forcing.paying
    tenants.offered = config.profile != "production"
    tenants.fill_later = jobs.fill_later
    sending.later = jobs.later
    sending.policy = lambda sandbox: guard.Policy(
        config.hook_hosts, loopback=sandbox and config.hook_loopback and config.profile != "production"
    )
