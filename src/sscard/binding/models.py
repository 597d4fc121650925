"""All tables of the room, where Django finds them."""

from sscard.binding.tables.client import Client, SigningKey
from sscard.binding.tables.consent import Binding, Consent, ConsentEvent
from sscard.binding.tables.payment import ConsentPayment
from sscard.binding.tables.tokens import Grant, Pushed, SeenProof, Token, TokenFamily

__all__ = [
    "Binding",
    "Client",
    "Consent",
    "ConsentEvent",
    "ConsentPayment",
    "Grant",
    "Pushed",
    "SeenProof",
    "SigningKey",
    "Token",
    "TokenFamily",
]
