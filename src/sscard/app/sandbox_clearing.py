"""The virtual clearing house of a demo or sandbox: the worker serves it on a port of this machine, in a thread of its own.

It is the same program as `python -m sscard.sim.clearing`, with keys and a book of its own under `clearing/` of the state folder,
and is spoken to over HTTP with signed bodies only. An installation that has joined another clearing house (`sscard clearing
connect`) is left alone, and production has none of its own.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sscard.keys.store import write_durably

if TYPE_CHECKING:
    from sscard.sim.clearing.server import House

log = logging.getLogger("sscard.clearing")
FOLDER = "clearing"
PROFILES = frozenset({"demo", "sandbox"})


@dataclass(slots=True)
class SandboxClearing:
    """What this process serves, once somebody has asked for a round."""

    home: Path
    profile: str
    house: House | None = None
    banks: tuple[str, ...] = ()
    told: bytes = b""
    """Where the banks find it: what stands in `file`."""
    guard: threading.Lock = field(default_factory=threading.Lock)

    def ready(self) -> None:
        """Before each round of clearing: the house runs, and its list of participants is today's."""
        if self.profile not in PROFILES:
            return
        with self.guard:
            banks = () if self._joined_another() else _banks()
            if not banks:
                return
            if banks != self.banks:  # the first time, or when an area began or ended
                public = self._trust(banks)
                if self.house is None:
                    self._serve(public)
                else:
                    self.house.read_trust()
                self.banks = banks
            if not self.file.is_file():
                write_durably(self.file, self.told)

    @property
    def file(self) -> Path:
        from sscard.bank.savings.clearing_http import FILE

        return self.home / FILE

    def _joined_another(self) -> bool:
        return self.file.is_file() and not json.loads(self.file.read_text(encoding="utf-8")).get("own")

    def _trust(self, banks: tuple[str, ...]) -> str:
        from sscard.kernel.keyclient import keys
        from sscard.sim.clearing.folder import set_up, trust

        public = set_up(self.home / FOLDER)
        trust(self.home / FOLDER, keys().public_key("clearing").hex(), list(banks))
        return public

    def _serve(self, public: str) -> None:
        from sscard.sim.clearing.server import House, server

        self.house = House(self.home / FOLDER)
        serving = server(self.house, 0)
        threading.Thread(target=serving.serve_forever, args=(1.0,), name="clearing", daemon=True).start()
        url = f"http://127.0.0.1:{serving.server_address[1]}"
        self.told = json.dumps({"url": url, "public": public, "own": True}).encode()
        write_durably(self.file, self.told)
        log.info("the virtual clearing house answers at %s", url)


def _banks() -> tuple[str, ...]:
    from sscard.kernel import clock
    from sscard.law import areas

    return tuple(sorted({bank.code for area in areas.all_areas() for bank in area.banks(clock.today(area.code))}))
