"""Setting a virtual desk up from inside the house: terminals with their devices, and the software keys of virtual
cards.

Only set-up does this, as the system administrator; afterwards the devices know nothing but their files.
"""

from __future__ import annotations

from sscard.control.caller import Caller
from sscard.control.door import perform
from sscard.kernel.keyclient import keys
from sscard.keys.parties import KeyPair
from sscard.sim.devices.wallet import KINDS, Enrolment, VirtualCard, Wallet
from sscard.terminals.acts import EnrolDevice, Register


def equip(
    admin: Caller, wallet: Wallet, terminal: str, *, kind: str, organisation: str, outlet: str = ""
) -> dict[str, object]:
    """Register a terminal, give it all four devices, keep their keys in the wallet. `admin` has the right
    terminals.manage; a repeat with the same wallet and terminal does nothing new."""
    request = Register(terminal, kind, organisation, outlet)
    answer = perform(admin, "terminals.register", request, key=f"equip:{terminal}").answer
    there = {one for one in KINDS if (wallet.folder / "terminals" / terminal / f"{one}.json").is_file()}
    for one in KINDS:
        if one not in there:
            begun = Enrolment.begin(terminal, one)
            enrol = EnrolDevice(terminal, one, begun.public)
            begun.finish(
                wallet, perform(admin, "terminals.enrol_device", enrol, key=f"equip:{begun.public[:64]}").answer
            )
    return answer


def make_card(card_id_code: str, card_number: str, pan: str = "") -> VirtualCard:
    """A virtual card with its software key, as the producer's personalisation leaves it."""
    pair = KeyPair.fresh()
    key = pair.unwrap(keys().card_key_for(card_id_code, pair.public))
    return VirtualCard(card_id_code, card_number, key.hex(), pan)
