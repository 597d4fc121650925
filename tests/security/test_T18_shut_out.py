"""T18: wrong passwords typed by somebody else keep nobody out of the browser that he signs in with; guessing stays slow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from pages_kit import HouseClient
from security_kit import PASSWORD, Town, holder_code, resident

KNOWN = "__Host-sscard-known"
NEIGHBOURS = 12
"""Wrong passwords from the address that everybody here shares, as behind one router."""


@dataclass(frozen=True, slots=True)
class Door:
    """A sign-in page, and the right answers of one account; `code` takes time steps ahead, as each serves once."""

    browser: Callable[[], Any]
    path: str
    name: str
    password: str
    code: Callable[[int], str]

    def enter(self, browser: Any, *, step: int = 0, **more: str) -> int:
        right = {"username": self.name, "password": self.password, "code": self.code(step), **more}
        return int(browser.post(self.path, right).status_code)

    def guess(self, browser: Any) -> int:
        return self.enter(browser, password="wrong")


def staff(town: Town) -> Door:
    name = town.fresh()
    return Door(HouseClient, "/sign-in/", name, PASSWORD, lambda step: town.code(name, step))


def holder(_: Town) -> Door:
    import holders_kit

    one = resident(account=False)
    return Door(HouseClient, "/my/sign-in/", one.id_number, holders_kit.PASSWORD, lambda step: holder_code(one, step))


def customer(_: Town) -> Door:
    from netbank_kit import BankClient, customers_kit

    one = customers_kit.customer()
    return Door(BankClient, "/sign-in/", one.username, customers_kit.PASSWORD, lambda _: one.fresh_code())


@pytest.mark.parametrize("of", [staff, holder, customer])
def test_wrong_passwords_of_somebody_else_shut_out_no_browser_that_is_known(
    town: Town, of: Callable[[Town], Door]
) -> None:
    one, other = of(town), of(town)
    mine, thief = one.browser(), one.browser()
    assert one.enter(mine) == 302
    sign = mine.cookies[KNOWN]
    assert (sign["secure"], sign["httponly"], sign["samesite"], sign["path"], sign["domain"]) == (
        True, True, "Strict", "/", "",
    )  # fmt: skip
    assert one.name not in sign.value
    assert [one.guess(thief) for _ in range(NEIGHBOURS)] == [401] * 10 + [429] * 2
    assert other.enter(other.browser()) == 302, "another account from the same address"
    assert one.enter(mine, step=1) == 302, "his own browser, the same address"
    assert one.guess(thief) == 429, "what was guessed stays counted"
    assert one.enter(thief, step=1) == 429, "and where he is not known, even the right answers wait"


def test_the_sign_of_a_browser_is_its_own_and_slow_as_well(town: Town) -> None:
    one, other = staff(town), staff(town)
    mine = one.browser()
    assert one.enter(mine) == 302
    stranger = other.browser()
    stranger.cookies[KNOWN] = mine.cookies[KNOWN].value
    assert [other.guess(stranger) for _ in range(11)] == [401] * 10 + [429], "for another account it counts nothing"
    assert other.guess(other.browser()) == 429
    forged = one.browser()
    forged.cookies[KNOWN] = mine.cookies[KNOWN].value[:-3] + "abc"
    assert [one.guess(forged) for _ in range(11)] == [401] * 10 + [429]
    assert [one.guess(mine) for _ in range(11)] == [401] * 10 + [429], "who took the browser guesses no faster"


def test_a_browser_keeps_the_signs_of_a_family_and_no_more() -> None:
    from django.http import HttpResponse
    from django.test import RequestFactory

    from sscard.portal import known

    kept, request = "", RequestFactory().get("/")
    for name in ["a", "b", "a", *"cdefgh"]:
        request.COOKIES[known.COOKIE] = kept
        answer = HttpResponse()
        known.remember(request, answer, "holder", name)
        kept = answer.cookies[known.COOKIE].value
    request.COOKIES[known.COOKIE] = kept
    assert [bool(known.device(request, "holder", name)) for name in "abcdefgh"] == [False] * 2 + [True] * 6
    assert known.device(request, "staff", "h") == ""
