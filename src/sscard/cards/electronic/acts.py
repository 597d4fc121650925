"""Everything that can be done with an electronic card; importing it registers the acts."""

from sscard.cards.electronic import checking, family, proofs, signing, using

__all__ = ["checking", "family", "proofs", "signing", "using"]
