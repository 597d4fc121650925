"""Acts of this room, all of the sandbox."""

from sscard.verification.sandbox import SetProvider

__all__ = ["SetProvider"]
