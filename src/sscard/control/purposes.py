"""Why a person's record may be opened: said before the look, kept in its audit row, shown to the person. Faces word them."""

from __future__ import annotations

from typing import Final

PURPOSES: Final = ("counter", "phone", "check", "complaint")
