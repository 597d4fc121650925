"""The acts of this room, gathered so that they register."""

from sscard.partners import conformance
from sscard.partners.hooks import acts as hook_acts
from sscard.partners.sandbox import acts as sandbox_acts

__all__ = ["conformance", "hook_acts", "sandbox_acts"]
