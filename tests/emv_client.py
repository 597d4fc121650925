"""The EMV client of the package registry (requirements/emv.txt) as a program: `python tests/emv_client.py listapps`.

It is unchanged. It asks a connection for `T0_protocol`, which pyscard has moved since: that name is put back here.
"""

from __future__ import annotations

from emv.command.client import run
from smartcard.CardConnection import CardConnection
from smartcard.CardConnectionDecorator import CardConnectionDecorator

if __name__ == "__main__":
    CardConnectionDecorator.T0_protocol = CardConnection.T0_protocol
    run()
