"""What the room chip gives to lower floors."""

from __future__ import annotations

from sscard.chip.files.table import key_rules
from sscard.keys import psams, reach


def fill() -> None:
    """Chips in readers are proved by `proof`; its ciphers are loaded when the first chip comes."""
    from sscard.terminals import chips

    chips.chips = _Later()
    reach.psam_keys = psam_keys
    psams.plan = _psam_plan


def psam_keys() -> tuple[str, ...]:
    """What a PSAM holds, with a * where it is the ministry's own key and reaches every card in the country."""
    return tuple(
        f"{rule.application}/{rule.name}{reach.NATIONWIDE if rule.level == 'root' else ''}"
        for rule in key_rules().values()
    )


def _psam_plan() -> tuple[tuple[str, str, int, int, int], ...]:
    from sscard.chip.psam.making import plan

    return plan()


class _Later:
    """The port, which loads what it needs when it is asked."""

    def __getattr__(self, name: str) -> object:
        from sscard.chip.proof import Proofs

        return getattr(Proofs(), name)
