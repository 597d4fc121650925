"""The bank as a client of the bureau: its keys are made here, its number is entered when the bureau has given it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sscard.bank.linked import keys
from sscard.bank.linked.tables import LinkClient
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class MakeLinkClient:
    """`issuer`: the bureau's address. `redirect_uri`: this bank's page to which browsers come back."""

    issuer: str
    redirect_uri: str
    renew: bool = False


@act("bank.make_link_client", right="bank.link_setup")
def make_client(inside: Inside, request: MakeLinkClient) -> dict[str, Any]:
    """New keys; the answer is what the bureau registers. With `renew` keys that are there are thrown away, and the links made
    with them; else bank.link_set_up_already."""
    bank = inside.caller.bank
    if not request.issuer.startswith("https://") or not request.redirect_uri.startswith("https://"):
        raise Refusal("bank.link_address")
    private, public = keys.made()
    with inside.bank_role():
        mine = LinkClient.objects.filter(book=f"bank:{bank}")
        if mine.exclude(client_id="").exists() and not request.renew:
            raise Refusal("bank.link_set_up_already")
        mine.delete()
        LinkClient(
            book=f"bank:{bank}", bank=bank, issuer=request.issuer.rstrip("/"), redirect_uri=request.redirect_uri,
            keys=private, public=public, made_at=inside.now,
        ).save(force_insert=True)  # fmt: skip
    inside.object = f"link_client:{bank}"
    return {"bank": bank, "redirect_uri": request.redirect_uri, "jwks": public}


@dataclass(frozen=True, slots=True)
class SetLinkClient:
    """`client`: the number that the bureau gave."""

    client: str


@act("bank.set_link_client", right="bank.link_setup")
def set_client(inside: Inside, request: SetLinkClient) -> dict[str, Any]:
    bank = inside.caller.bank
    with inside.bank_role():
        if not LinkClient.objects.filter(book=f"bank:{bank}").update(client_id=request.client[:64]):
            raise Refusal("bank.link_not_set_up")
    inside.object = f"link_client:{bank}"
    return {"bank": bank, "client": request.client[:64]}
