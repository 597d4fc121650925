"""Where is card X, with whom, since when: asked by a card's number or a person's, answered with its whole custody."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse

from sscard.cards import reads as cards
from sscard.issuing import reads as issuing
from sscard.people import reads as people
from sscard.portal import looks, purposes
from sscard.portal.shapes import Link, Station
from sscard.portal.signed import AtPage, for_staff
from sscard.portal.stock.whereabouts import in_words, names_of


@for_staff("issuing.where")
@purposes.asked
def where(request: HttpRequest, at: AtPage, card: uuid.UUID) -> HttpResponse:
    with at.reading("issuing.where", purposes.of(request)) as inside:
        found = cards.require(inside, card)
        person = people.by_id(inside, found.person_id, what="card")
        custody = issuing.custody_of(inside, card)
        now = in_words(issuing.where(inside, card), at.lang)
    names = names_of({one.organisation for one in custody} | {one.hands for one in custody}, at.lang)
    way = [
        Station(
            at.word(f"where.place.{one.place}"), "now" if one is custody[-1] else "done", one.since,
            names.get(one.organisation, one.organisation),
            at.word("where.hands", hands=names.get(one.hands, one.hands), receipt=one.receipt or "—"),
        )
        for one in custody
    ]  # fmt: skip
    return at.render(
        "portal/desk/where.html", title=at.word("where.title", number=found.card_number_mask), now=now, way=way,
        since=looks.show_moment(custody[-1].since, at.lang) if custody else "", here="/desk/",
        crumbs=[
            Link(at.word("desk.nav"), "/desk/"), Link(person.name_mask, f"/people/{person.public_id}/"),
            Link(at.word("where.nav")),
        ],
    )  # fmt: skip
