"""Passwords of staff and holders: Argon2id at 19 MiB, two at once, no composition rules, common ones refused."""

from __future__ import annotations

import gzip
import secrets
import threading
import unicodedata
from functools import cache

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator

from sscard.kernel.refusals import Refusal

_two_at_once = threading.Semaphore(2)  # more parallel hashes than cores make login a denial of service
STAFF_MINIMUM, HOLDER_MINIMUM, MAXIMUM = 12, 8, 128


class HouseArgon2(Argon2PasswordHasher):
    """OWASP's parameters: Django's own default takes 100 MiB and eight lanes."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


def normal_name(text: str) -> str:
    """One normal form of a user name or number before counting, look-up and rights (T17). Invisible and control
    characters go: they make no other name, and the database takes no NUL."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    return "".join(c for c in folded if c.isprintable()).strip()


def hashed(clear: str) -> str:
    with _two_at_once:
        return make_password(clear)


def matches(clear: str, stored: str | None) -> bool:
    """Compare; for an unknown account the same work is done on a dummy, so that time tells nothing."""
    with _two_at_once:
        return check_password(clear, stored or _dummy()) and stored is not None


@cache
def _dummy() -> str:
    return make_password(secrets.token_urlsafe(16))


@cache
def common() -> frozenset[str]:
    """Django's list of the 20,000 most common passwords."""
    with gzip.open(CommonPasswordValidator().DEFAULT_PASSWORD_LIST_PATH, "rt", encoding="utf-8") as file:
        return frozenset(line.strip() for line in file)


def check_new(clear: str, *, minimum: int, own_words: tuple[str, ...] = ()) -> None:
    """Refuse a new password that is too short, too long, common, or one's own name or number."""
    if len(clear) < minimum:
        raise Refusal("control.password_short", minimum=minimum)
    if len(clear) > MAXIMUM:
        raise Refusal("control.password_long", maximum=MAXIMUM)
    low = clear.casefold()
    if low in common() or len(set(low)) < 4 or any(w and w.casefold() in low and len(w) >= 4 for w in own_words):
        raise Refusal("control.password_common")


def one_time() -> str:
    """A first password that is shown once and must be changed at first use."""
    return "-".join(secrets.token_hex(3) for _ in range(3))
