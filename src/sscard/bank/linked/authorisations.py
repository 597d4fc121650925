"""The signed electronic authorisation of a link. The bureau's paper is kept here when the card is linked: what the customer
signed stays his to fetch after the link has ended, when the bureau hands out nothing more."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from sscard.bank.linked import keeping, linking
from sscard.bank.linked.tables import LinkPaper
from sscard.control.acts_registry import act
from sscard.control.caller import Caller
from sscard.control.door import reading
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one

log = logging.getLogger("sscard.bank.linked")
PATH = "/api/link/authorisation"


@dataclass(frozen=True, slots=True)
class KeepAuthorisation:
    """`file`: the bureau's PDF as it came."""

    link: uuid.UUID
    file: bytes


@act("bank.keep_authorisation", right="bank.link_keep", about_person=True)
def keep_authorisation(inside: Inside, request: KeepAuthorisation) -> dict[str, Any]:
    """One that is kept already stays as it is."""
    with inside.bank_role():
        link = keeping.link_of(inside, request.link)
        row = LinkPaper(
            person_id=link.person_id, link_id=link.link_id, book=link.book, file=request.file, kept_at=inside.now
        )
        if not LinkPaper.objects.filter(person_id=link.person_id, link_id=link.link_id).exists():
            row.save(force_insert=True)
    inside.object = f"link:{request.link}"
    return {"link": str(request.link)}


def authorisation(caller: Caller, link: uuid.UUID) -> bytes:
    """As a PDF: the copy that is kept here, else the bureau's own, which is kept from now on. Raises bank.link_ended where the
    link had ended before a copy was kept."""
    with reading(caller, right=linking.RIGHT, purpose=keeping.PURPOSE) as inside:
        row = linking.mine(inside, link)
        inside.about(row.person_id, what="link_paper")
        with inside.bank_role():
            kept = LinkPaper.objects.filter(person_id=row.person_id, link_id=link).first()
        if kept is not None:
            return bytes(open_one(kept, "file", inside))
    file = bytes(linking.call(caller, link, "GET", PATH))
    keeping.perform(caller, "bank.keep_authorisation", KeepAuthorisation(link, file))
    return file


def keep(caller: Caller, link: uuid.UUID) -> bool:
    """Whether it is kept now. The bureau may be away at the moment: it is asked again later, and nothing else waits for it."""
    try:
        authorisation(caller, link)
    except Refusal as refusal:
        log.warning("the authorisation of link %s is not kept yet: %s", link, refusal.code)
        return False
    return True


def finish(caller: Caller, came: linking.Back, code: str) -> uuid.UUID:
    """The card is linked, and what the customer signed for it is kept."""
    link = linking.finish(caller, came, code)
    keep(caller, link)
    return link


def kept_of(person_id: int) -> frozenset[uuid.UUID]:
    """The links of a person whose authorisation is kept. In the bank's role."""
    return frozenset(LinkPaper.objects.filter(person_id=person_id).values_list("link_id", flat=True))


def lacking() -> Q:
    """Links that have not ended and whose authorisation is not kept here."""
    kept = LinkPaper.objects.filter(person_id=OuterRef("person_id"), link_id=OuterRef("link_id"))
    return Q(ended_at__isnull=True) & ~Q(Exists(kept))
