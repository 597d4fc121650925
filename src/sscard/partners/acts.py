"""The acts of this room, gathered so that they register."""

from sscard.partners import conformance
from sscard.partners.hooks import acts as hook_acts
from sscard.partners.sandbox import acts as sandbox_acts
from sscard.partners.sandbox import card_moves, oauth_clients

__all__ = ["card_moves", "conformance", "hook_acts", "oauth_clients", "sandbox_acts"]
