"""Virtual devices: ID-card reader, card slot, PIN pad and camera, as programs behind the port that real ones use.

Each holds a key of its own in a file of the wallet folder, asks the server which session waits at its terminal, and
sends what it sees, with a MAC over the session's nonce. The wallet also holds the things of this virtual world:
people with their ID cards, and social security cards, whose software key answers a challenge until the chip does.

    desk = Desk("https://localhost:8443", wallet, "T-01", trust=authority)
    desk.present_id("li"); desk.insert_card("li"); desk.enter_pin("…"); desk.look("li")
"""

from sscard.sim.devices.desk import Desk
from sscard.sim.devices.wallet import Enrolment, VirtualCard, VirtualPerson, Wallet
from sscard.terminals.client import DeviceRefused, Server

__all__ = ["Desk", "DeviceRefused", "Enrolment", "Server", "VirtualCard", "VirtualPerson", "Wallet"]
