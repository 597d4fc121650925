"""What a stored password costs whoever steals it: OWASP's parameters for Argon2id, and a salt of its own."""

from __future__ import annotations

from sscard.control.passwords import HouseArgon2


def test_hashes_cost_what_owasp_asks_for() -> None:
    hasher = HouseArgon2()
    first, second = (hasher.encode("四月的河边-paper-lantern-58", hasher.salt()) for _ in range(2))
    assert first.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert hasher.verify("四月的河边-paper-lantern-58", first)
    assert not hasher.verify("四月的河边-paper-lantern-59", first)


def test_the_house_stores_by_it_alone() -> None:
    from sscard.app import settings

    assert settings.PASSWORD_HASHERS == ["sscard.control.passwords.HouseArgon2"]
