"""Writing restrictions: one row each, the ledger's mask and the bureau's mirror behind it. Used by every act that
restricts or lifts; the act has loaded the standing under lock."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sscard.bank.freezes import BANK, BANK_RANK, RANK, Freeze
from sscard.bank.models import AccountRestriction
from sscard.bank.standing import Standing, in_force_with_amount, rows_in_force
from sscard.bank.states import Restriction
from sscard.kernel import ids
from sscard.kernel.clock import CHINA


def end_of(day: date | None) -> datetime | None:
    """The moment after the last second of a day in China; None stays None."""
    return datetime.combine(day + timedelta(days=1), time(), CHINA) if day else None


def add(
    standing: Standing,
    kind: Restriction,
    *,
    who: uuid.UUID,
    reason: str,
    until: datetime | None = None,
    amount_fen: int | None = None,
    authority: str = BANK,
    authority_name: str = "",
    document: str = "",
) -> uuid.UUID:
    """In the bank's role: the row, and the standing as it is from now on. The caller stores mask and mirror."""
    account = standing.account
    row = AccountRestriction(
        person_id=account.person_id,
        account_id=account.account_id,
        restriction_id=ids.new_id(),
        book=account.book,
        kind=str(kind),
        amount_fen=amount_fen,
        reason=reason[:60],
        who=who,
        since=standing.now,
        until=until,
        authority=authority,
        authority_name=authority_name.strip(),
        rank=RANK.get(authority, BANK_RANK),
        document=document.strip(),
    )
    row.save(force_insert=True)
    refresh(standing)
    return row.restriction_id


def end(
    standing: Standing,
    *,
    who: uuid.UUID,
    kinds: Iterable[Restriction] = (),
    restriction: uuid.UUID | None = None,
    document: str = "",
) -> int:
    """In the bank's role: lift one restriction, or all of some kinds; how many there were."""
    rows = rows_in_force(standing.account, standing.now)
    if restriction is not None:
        rows = rows.filter(restriction_id=restriction)
    else:
        rows = rows.filter(kind__in=[str(one) for one in kinds])
    ended = rows.update(lifted_at=standing.now, lifted_by=who, lift_document=document[:60])
    refresh(standing)
    return ended


def refresh(standing: Standing) -> None:
    standing.restrictions, standing.frozen_fen = in_force_with_amount(standing.account, standing.now)


def freezes_of(standing: Standing) -> list[Freeze]:
    """In the bank's role: what is frozen now, by whom."""
    return [freeze_of(row) for row in rows_in_force(standing.account, standing.now).order_by("rank", "since")]


def freeze_of(row: AccountRestriction) -> Freeze:
    return Freeze(
        row.restriction_id,
        Restriction(row.kind),
        row.authority,
        row.authority_name,
        row.rank,
        row.since,
        row.amount_fen or 0,
    )
