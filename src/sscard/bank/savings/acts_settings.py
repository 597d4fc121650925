"""Setting one's own limits, channels and notices: the whole of them at once, each time a recorded act."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.bank.savings import presence, settings, terms
from sscard.bank.savings.tables import AccountSettings
from sscard.bank.standing import bank_rule, find, load
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal, refuse_if_any
from sscard.law import areas
from sscard.law.schema import Bank
from sscard.ledger.permits import Permit

MATTER = "bank.settings"


@dataclass(frozen=True, slots=True)
class OwnLimit:
    name: str
    most_fen: int


@dataclass(frozen=True, slots=True)
class SetSettings:
    """All settings as they shall be. `limits`: names of `settings.OWN_LIMITS`; a name left out is the bank's own limit.
    `notice_over_fen`: told of movements from this amount on, None of none. `session`: at the counter, card and PIN."""

    account: uuid.UUID
    limits: tuple[OwnLimit, ...] = ()
    channels_off: tuple[str, ...] = ()
    notice_over_fen: int | None = 0
    session: uuid.UUID | None = None

    @property
    def matter(self) -> str:
        """A second factor is given for these settings and no others."""
        limits = sorted((one.name, one.most_fen) for one in self.limits)
        off = sorted(set(self.channels_off))
        return presence.matter_of(MATTER, self.account, limits, off, self.notice_over_fen)


@act(MATTER, right="bank.settings", about_person=True)
def set_settings(inside: Inside, request: SetSettings) -> dict[str, Any]:
    """Stricter takes effect at once; on-line, something looser needs the second factor given anew."""
    mirror = find(inside, request.account)
    bank = bank_rule(mirror, inside)
    wanted = {one.name: one.most_fen for one in request.limits}
    channels = tuple(sorted(set(request.channels_off)))
    refuse_if_any(settings.faults_of(wanted, channels, request.notice_over_fen, bank))
    rule = terms.of(mirror.area_code, mirror.bank, inside.today)
    here = presence.present(inside, mirror, request.session, matter=MATTER, need=Permit.NONE)
    proved_at = presence.proof_given(inside, minutes=rule.step_up_minutes, matter=request.matter)
    with inside.bank_role():
        standing = presence.admitted(inside, here)
        account = standing.account
        before = settings.of_account(account.person_id, account.account_id)
        looser = here.channel == presence.ONLINE and settings.loosens(before, wanted, channels, bank)
        if looser and not presence.spend_proof(inside, proved_at):
            raise Refusal("bank.step_up_settings")
        AccountSettings.objects.update_or_create(
            person_id=account.person_id,
            account_id=account.account_id,
            defaults={
                "book": account.book, "limits": wanted, "channels_off": list(channels),
                "notices": {"over_fen": request.notice_over_fen}, "changed_at": here.now, "changed_by": inside.caller.id,
            },
        )  # fmt: skip
    changed = sorted(name for name in settings.OWN_LIMITS if before.limits.get(name) != wanted.get(name))
    inside.detail["changed"] = [*changed, *sorted(set(before.channels_off) ^ set(channels))]
    return {"account": str(mirror.account_id), "limits": wanted, "channels_off": list(channels),
            "notice_over_fen": request.notice_over_fen, "at": here.now.isoformat()}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SettingsView:
    """Fen. `bounds`: the highest value that each own limit may have; `effective`: what holds, the lower of both."""

    own: dict[str, int]
    bounds: dict[str, int]
    effective: dict[str, int]
    channels_off: tuple[str, ...]
    notice_over_fen: int | None


def view(inside: Inside, account_id: uuid.UUID) -> SettingsView:
    """The customer's own settings beside the bank's limits; right "bank.statement"."""
    mirror = find(inside, account_id)
    bank: Bank = areas.get(mirror.area_code).bank(mirror.bank, inside.today)
    now = inside.now
    with inside.bank_role():
        load(mirror, bank, now=now).require(Permit.INQUIRY)
        own = settings.of_account(mirror.person_id, mirror.account_id)
    most = settings.bounds(bank)
    effective = {name: min(own.limits.get(name, fen), fen) for name, fen in most.items()}
    return SettingsView(own.limits, most, effective, own.channels_off, own.notice_over_fen)
