"""A demo that has just been founded: every bank with a site is a client of the bureau, once."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from sscard.bank.linked import linking
from sscard.binding.models import Client
from sscard.control.caller import Caller
from sscard.control.door import reading
from sscard.control.models import Staff
from sscard.sim import bank_clients, city


def test_each_bank_with_a_site_can_link_at_once(house: object, tmp_path: Path) -> None:
    config = settings.CONFIG
    sites = {bank: config.bank_url(bank) for bank in config.banks.values()}
    city.found(tmp_path)
    assert set(bank_clients.register(sites, config.portal_url)) == set(sites) != set()
    assert bank_clients.register(sites, config.portal_url) == []  # again: nothing new
    assert Client.objects.count() == len(sites)
    for bank, site in sites.items():
        with reading(_reviewer(bank), right="bank.link_setup", purpose="counter") as inside:
            keys = linking.keys_of(inside)
        client = Client.objects.get(client_id=keys.client_id)
        assert (client.organisation_id, client.redirect_uris) == (bank, [f"{site}/linked/back/"])
        assert keys.issuer == config.portal_url
        assert (client.name_zh, client.name_en) != ("", "")


def _reviewer(bank: str) -> Caller:
    staff = Staff.objects.filter(roles__role="bank_reviewer", organisation=bank).select_related("organisation").first()
    assert staff is not None
    return Caller.of_staff(staff, channel="api")
