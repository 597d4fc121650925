"""`python -m sscard.keys --home DIR [--socket PATH] [--profile demo|test|production] [--store demo|sealed|pkcs11]
[--allow-uid UID] [--rotate NAME]`.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sscard.keys import hardening
from sscard.keys.errors import KeyFault
from sscard.keys.ring import KeyRing
from sscard.keys.service import Service
from sscard.keys.store import DemoStore, SealedStore, lock
from sscard.keys.token import TokenStore
from sscard.keys.verbs import House

SOCKET_NAME = "keys.sock"
STORES: dict[str, Any] = {"demo": DemoStore, "sealed": SealedStore, "pkcs11": TokenStore}
LONGEST_SOCKET_PATH = 107  # bytes, linux/un.h


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the service in the foreground; 0 after SIGTERM or SIGINT, 2 if it cannot start."""
    options = _options(arguments)
    hardening.harden()
    hardening.quiet_library()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s keys %(levelname)s %(message)s")
    try:
        _serve(options)
    except KeyFault as fault:
        from sscard.kernel import words  # only for a refusal to start: the service itself needs no texts

        print(words.text("refusal", fault.code, "zh", **fault.facts), file=sys.stderr)
        print(words.text("refusal", fault.code, "en", **fault.facts), file=sys.stderr)
        print(words.next_step("refusal", fault.code, "en", **fault.facts), file=sys.stderr)
        return 2
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sscard.keys")
    parser.add_argument("--home", type=Path, required=True, help="folder of the wrapped keys")
    parser.add_argument("--socket", type=Path, help="default: keys.sock in the home folder")
    parser.add_argument("--profile", choices=("demo", "test", "production"), default=None)
    parser.add_argument("--allow-uid", type=int, action="append", default=[], help="another user who may call")
    parser.add_argument("--store", choices=STORES, default=os.environ.get("SSCARD_KEY_STORE", "demo"))
    parser.add_argument("--rotate", metavar="NAME", help="make a new version of a key and end; service stopped")
    return parser.parse_args(arguments)


def _serve(options: argparse.Namespace) -> None:
    profile = options.profile or os.environ.get("SSCARD_PROFILE", "demo")
    home: Path = options.home
    path: Path = options.socket or home / SOCKET_NAME
    if len(os.fsencode(path.absolute())) > LONGEST_SOCKET_PATH:
        raise KeyFault("keys.socket_path", most=str(LONGEST_SOCKET_PATH))
    if profile not in ("demo", "test") and not STORES[options.store].fit_for_production:
        raise KeyFault("keys.demo_store", store=DemoStore.label)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = lock(home)
    try:
        store = STORES[options.store](home)
        ring = None if isinstance(store, SealedStore) else KeyRing(home, store)
        for name in ring.made if ring else ():
            logging.getLogger("sscard.keys").info("made key %s", name)
        if options.rotate:
            if ring is None:
                raise KeyFault("keys.sealed")
            print(f"{options.rotate} {ring.rotate(options.rotate)}")
            return
        house = House(ring, store, home, virtual_devices=profile in ("demo", "test"))
        asyncio.run(_run(Service(house, path, options.allow_uid)))
    finally:
        os.close(held)


async def _run(service: Service) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    await service.run(stop)


if __name__ == "__main__":
    sys.exit(main())
