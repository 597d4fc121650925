"""The two factors by which keys go down from the ministry to a city (S9 7; T2 10.3 for Zhejiang).

>>> province("330182"), city("330182"), city("650100")
(b'330000sh', b'330100sx', b'650100sx')
"""

from __future__ import annotations

from typing import Final

ZHEJIANG: Final = "33"


def province(area: str) -> bytes:
    """First two digits of the area code and 0000sh."""
    return f"{area[:2]}0000sh".encode()


def city(area: str) -> bytes:
    """The six digits and sx. In Zhejiang four digits and 00, whatever the county."""
    return f"{area[:4]}00sx".encode() if area[:2] == ZHEJIANG else f"{area}sx".encode()
