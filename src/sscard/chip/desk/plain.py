"""What goes wrong at a reader, in words for a desk: a plain sentence and what to do now, no command and no status word.

Other programs (`sscard card …`) tell the same faults to developers; the page beside the reader is read by clerks, tellers and
holders.
"""

from __future__ import annotations

from typing import Final

from sscard.chip.faults import StatusRefused
from sscard.kernel.refusals import Refusal

_TOLD: Final = {
    "chip.card_missing": "reader.no_card",
    "chip.card_gone": "reader.card_gone",
    "chip.two_cards": "reader.two_cards",
    "chip.reader_missing": "reader.no_reader",
    "chip.pcsc_service": "reader.no_reader",
    "chip.pcsc_library": "reader.no_reader",
    "chip.pin_form": "reader.pin_form",
}
_READS: Final = ("SELECT", "READ")
_BLOCKED: Final = frozenset({0x6A81, 0x9303})


def plain(no: Refusal) -> Refusal:
    """The same refusal for a desk. What is the reader service's own, or the house's, is told as it is."""
    if isinstance(no, StatusRefused):
        if no.sw in _BLOCKED:
            return Refusal("reader.card_blocked")
        if not str(no.facts["what"]).startswith(_READS):
            return Refusal("reader.card_refuses")
    if no.code.startswith("chip."):
        return Refusal(_TOLD.get(no.code, "reader.not_this_card"))
    return no
