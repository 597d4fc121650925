"""The signed electronic authorisation: what the holder agreed to, as a PDF sealed by the bureau (PAdES B-T), for both sides."""

from __future__ import annotations

import uuid
from datetime import datetime

from sscard.binding.models import Client, Consent
from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.documents import authority, kept, signing
from sscard.documents.pdf import Sheet
from sscard.kernel import clock, words
from sscard.people.models import Person

KIND = "binding.authorisation"
FIELD = "bureau"
TERMS = 5


def make(inside: Inside, consent: Consent, client: Client) -> uuid.UUID | None:
    """Make, seal and keep it; its public id. Chinese with English beside it."""
    person = Person.objects.get(person_id=consent.person_id)
    card = Card.objects.get(person_id=consent.person_id, card_id=consent.card_id)
    code = kept.new_code()
    sheet = Sheet(
        _say("title"),
        made_at=clock.real_now(),
        issuer=inside.area.issuer_name("zh"),
        foot=_say("foot", code=kept.shown(code)),
    )
    sheet.facts(_facts(consent, client, person, card))
    sheet.heading(_say("what"))
    sheet.listing([words.text("notice", f"binding.want.{want}", "zh") for want in consent.wants], numbered=False)
    sheet.heading(_say("terms"))
    sheet.listing([_say(f"term_{number}", client=client.name_zh) for number in range(1, TERMS + 1)])
    box = sheet.signature(FIELD, _say("sealed_by", issuer=inside.area.issuer_name("zh")))
    party = authority.seal_of(f"bureau{consent.area_code}", inside.area.issuer_name("zh"))
    file = signing.seal(sheet.output(), party, field=FIELD, box=box, reason=_say("title"))
    return kept.keep(
        inside,
        person_id=consent.person_id,
        area=consent.area_code,
        kind=KIND,
        subject=consent.consent_id,
        file=file,
        code=code,
        bank=client.organisation.bank,
        signatures=(FIELD,),
    )


def _facts(consent: Consent, client: Client, person: Person, card: Card) -> list[tuple[str, str]]:
    until = _day(consent.expires_at) if consent.expires_at else _say("until_ended")
    return [
        (_say("holder"), f"{person.name_mask}  {person.id_mask}"),
        (_say("card"), card.card_number_mask),
        (_say("client"), f"{client.name_zh} · {client.organisation.name_zh}"),
        (_say("paying"), consent.paying_masked or "—"),
        (_say("given"), _day(consent.authorised_at) if consent.authorised_at else "—"),
        (_say("until"), until),
        (_say("proved"), words.text("notice", f"binding.proved.{consent.verified_by}", "zh")),
        (_say("number"), str(consent.consent_id)),
    ]


def _day(at: datetime) -> str:
    local = at.astimezone(clock.CHINA)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _say(name: str, /, **facts: str) -> str:
    return words.text("notice", f"binding.paper.{name}", "zh", **facts)
