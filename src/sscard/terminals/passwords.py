"""Which business asks for which password: the one table. What does not stand here may ask for none.

A card has two passwords that never cross over (mission CHP-3; regulations.md §3.5): the social security password is kept
and counted by the chip, the bank password by the bank. Sessions, PIN pads, the reader service, the page /passwords/ and
docs/passwords.md all go by this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOCIAL, BANK = "social", "bank"
CURRENT, NEW, CHANGE, RENEW = "current", "new", "change", "renew"


@dataclass(frozen=True, slots=True)
class Asks:
    """`matter`: the act. `which` password, and `how`: the current one; a new one (on a chip that has one already, after
    that one); the current and a new one; or, with nothing known (forgotten), a new one that the issuer's key lets in."""

    matter: str
    which: str
    how: str


_TABLE = """
    cards.enable                  social  new
    cards.verify_social_password  social  current
    cards.change_social_password  social  change
    cards.unlock_social_password  social  renew
    bank.activate                 bank    new
    bank.activate_replacement     bank    new
    bank.pin_reset                bank    new
    bank.balance                  bank    current
    bank.withdraw                 bank    current
    bank.transfer                 bank    current
    bank.transfer_recall          bank    current
    bank.statement                bank    current
    bank.settings                 bank    current
    bank.purchase                 bank    current
    bank.purchase_void            bank    current
    bank.authorise                bank    current
    bank.enrol_online             bank    current
"""

TABLE: Final[tuple[Asks, ...]] = tuple(Asks(*line.split()) for line in _TABLE.strip().splitlines())
_BY_MATTER: Final = {one.matter: one for one in TABLE}


def asked_by(matter: str) -> Asks | None:
    """What a matter asks for; None: no password.

    >>> asked_by("cards.enable").which, asked_by("bank.close")
    ('social', None)
    """
    return _BY_MATTER.get(matter)
