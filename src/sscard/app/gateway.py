"""The gateway as the supervisor starts it: told where to listen and what it stands on. No Django here."""

from __future__ import annotations

import logging
import sys

from sscard.app import config
from sscard.gateway.serve import Place, run
from sscard.kernel.logs import Lines, Masked


def main() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    handler.addFilter(Masked())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    found = config.load()
    run(
        Place(
            bind=found.gateway_bind,
            port=found.gateway_port,
            certificate=found.tls_certificate,
            key=found.tls_key,
            key_service=found.key_service_socket,
            url=found.urls().app,
        )
    )


if __name__ == "__main__":
    main()
