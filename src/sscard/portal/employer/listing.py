"""The employer's own staff: who is registered, whether the photo is there, how far the card is. Masks; no bank data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.control.models import Organisation
from sscard.kernel import words
from sscard.people.models import Person
from sscard.portal.signed import AtPage, for_staff
from sscard.portal.tables import Asked, Column, Row, Table

RIGHT = "people.register_staff"
PER_PAGE = 50
SORTS = {"name": "name_mask", "registered": "created_at", "changed": "changed_at"}


@for_staff(RIGHT)
def listing(request: HttpRequest, at: AtPage) -> HttpResponse:
    columns = (
        Column("name", at.word("employer.name")),
        Column("id", at.word("employer.id_number"), "code", sortable=False),
        Column("registered", at.word("employer.registered"), "day"),
        Column("photo", at.word("employer.photo"), sortable=False),
        Column("card", at.word("employer.card"), sortable=False),
    )
    asked = Asked.of(request, columns, sort="-registered")
    with at.reading(RIGHT, "employer") as inside:
        own = Organisation.objects.get(code=at.caller.organisation)
        rows, total = _rows(inside, at, asked, own.credit_code)
    table = Table(
        at.word("employer.caption", name=own.name(at.lang)),
        columns,
        rows,
        asked,
        total,
        PER_PAGE,
        empty_text=at.word("employer.empty"),
        empty_url="/employer/new/",
        empty_label=at.word("employer.nav_new"),
        filterable=False,
    )
    return at.render(
        "portal/employer/listing.html",
        title=at.word("employer.title"),
        lead=at.word("employer.lead"),
        table=table,
        here="/employer/",
    )


def _rows(inside: Inside, at: AtPage, asked: Asked, credit_code: str) -> tuple[tuple[Row, ...], int]:
    if not credit_code:
        return (), 0
    mine = Person.objects.filter(employer=credit_code, state="active")
    total = mine.count()
    order = ("-" if asked.descending else "") + SORTS[asked.sort or "registered"]
    first = (min(asked.page, max(1, -(-total // PER_PAGE))) - 1) * PER_PAGE
    page = list(mine.order_by(order, "person_id")[first : first + PER_PAGE])
    for person in page:
        inside.about(person.person_id, what="registration")
    cards: dict[int, Card] = {}
    for card in Card.objects.filter(person_id__in=[one.person_id for one in page]).order_by("created_at"):
        cards[card.person_id] = card
    return tuple(_row(at, person, cards.get(person.person_id)) for person in page), total


def _row(at: AtPage, person: Person, card: Card | None) -> Row:
    return Row(
        {
            "name": person.name_mask,
            "id": person.id_mask,
            "registered": person.created_at,
            "photo": at.word("employer.photo_yes" if person.has_photo else "employer.photo_no"),
            "card": _state(at, card) if card else at.word("employer.no_card"),
        },
        tone="plain" if person.has_photo else "wait",
    )


def _state(at: AtPage, card: Card) -> str:
    return words.text("state", f"cards.production.{card.production}", at.lang)
