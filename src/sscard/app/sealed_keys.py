"""The sealed key store as the operator sees it: until custodians have opened it nobody can sign in, so it is said early."""

from __future__ import annotations

from sscard.app.config import Config


def missing_step(config: Config) -> str:
    """What opens the store: "root" (its root key is still to be made), "open", or "" when nothing is missing. Asks the running
    service; one that does not answer is not sealed, it is down, and said elsewhere."""
    if config.key_store != "sealed":
        return ""
    from sscard.kernel.keyclient import KeyClient
    from sscard.kernel.refusals import Refusal

    client = KeyClient(config.key_service_socket, patience=0.0)
    try:
        if not client.status()["sealed"]:
            return ""
    except Refusal:
        return ""
    finally:
        client.close()
    return "open" if (config.home / "keys" / "root-seal.json").exists() else "root"
