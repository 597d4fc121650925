"""Fills the slots that this room has itself: the virtual providers, under the name "virtual"."""

from __future__ import annotations


def fill() -> None:
    from sscard.verification import providers
    from sscard.verification.virtual_face import VirtualFace
    from sscard.verification.virtual_sms import VirtualOperator

    providers.sms["virtual"] = VirtualOperator()
    providers.faces["virtual"] = VirtualFace()
