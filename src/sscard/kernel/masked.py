"""Values that must not be printed, and the masks under which they may be shown (security.md §7)."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Secret(Generic[T]):
    """Holds a value whose text form is always masked; `reveal()` is the one way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is never pickled")


def mask_id(number: str) -> str:
    """An ID number: first four and last four stay.

    >>> mask_id("09010119900101001X")
    '0901**********001X'
    """
    return _middle(number, 4, 4)


def mask_card(number: str) -> str:
    """A card or bank number: the last four stay.

    >>> mask_card("9217000012345678")
    '************5678'
    """
    return _middle(number, 0, 4)


def mask_phone(number: str) -> str:
    """A phone: first three and last four stay.

    >>> mask_phone("91300000000")
    '913****0000'
    """
    return _middle(number, 3, 4)


def mask_address(address: str) -> str:
    """An address: its first six characters stay, which of most are city and district.

    >>> mask_address("云溪市溪东区清泉路9号")
    '云溪市溪东区*****'
    """
    return _middle(address, 6, 0)


def mask_name(name: str) -> str:
    """A name: the first character stays, and of names with · the first character of each part.

    >>> mask_name("张三丰"), mask_name("买买提·吐尔逊")
    ('张**', '买**·吐**')
    """
    return "·".join(part[:1] + "*" * (len(part) - 1) for part in name.split("·"))


def _middle(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]
