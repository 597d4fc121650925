"""T11: sign-in tells nobody who has an account: same answer, same work, and a brake a target, a source and in all.

The one place where time is compared: medians of known and unknown names, which differ by less than 5 ms or 5 %.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from sscard.kernel.refusals import Refusal

if TYPE_CHECKING:
    from security_kit import Town

SAMPLES = 25
ROUNDS = 12
SignIn = Callable[[str, str, str, str], object]


def ways() -> dict[str, SignIn]:
    from sscard.control import signin
    from sscard.people import holders

    return {
        "staff": lambda name, password, code, at: signin.staff(name, password, code, address=at),
        "holder": lambda name, password, code, at: holders.sign_in(name, password, code, address=at),
    }


def known_name(town: Town, way: str) -> str:
    from security_kit import resident

    return town.fresh() if way == "staff" else resident(account=False).id_number


def unknown_names(way: str, count: int) -> list[str]:
    from datetime import date

    from sscard.codes import demo
    from sscard.codes.sex import Sex

    if way == "staff":
        return [f"nobody.{number}" for number in range(count)]
    return [demo.citizen_id(date(1931, 1, 1), Sex.MALE, number, "090101") for number in range(1, count + 1)]


@pytest.fixture
def real_hashes(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """Passwords cost here what they cost in the house: the very work whose absence would tell."""
    import security_kit
    from sscard.control import passwords

    settings.PASSWORD_HASHERS = ["sscard.control.passwords.HouseArgon2"]
    monkeypatch.setattr(security_kit, "_hash", lambda: passwords.hashed(security_kit.PASSWORD))
    passwords._dummy.cache_clear()
    yield
    passwords._dummy.cache_clear()


def refusal_of(job: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        job()
    return caught.value


@pytest.mark.asvs("v5.0.0-6.3.8")
@pytest.mark.parametrize("way", ["staff", "holder"])
def test_known_and_unknown_take_the_same_time(
    town: Town, way: str, monkeypatch: pytest.MonkeyPatch, real_hashes: None
) -> None:
    """Taken in turn, so that what else the machine does falls on both; a loaded machine gets some rounds to settle."""
    from sscard.control import throttle

    monkeypatch.setattr(throttle, "count", lambda *_args, **_more: None)  # the brake is the next tests' matter
    known, unknown, sign_in = known_name(town, way), unknown_names(way, SAMPLES), ways()[way]
    took: dict[bool, list[float]] = {True: [], False: []}
    told = []
    for _ in range(ROUNDS):
        for other in unknown:
            for is_known, name in ((True, known), (False, other)):
                start = time.perf_counter()
                refusal_of(lambda name=name: sign_in(name, "wrong password", "000000", "192.0.2.1"))  # type: ignore[misc]
                took[is_known].append(time.perf_counter() - start)
        one, two = median(took[True]), median(took[False])
        told.append((one, two))
        if abs(one - two) < max(0.005, 0.05 * max(one, two)):
            return
    raise AssertionError(f"sign-in tells by its time who has an account: {told}")


@pytest.mark.asvs("v5.0.0-6.3.8")
@pytest.mark.parametrize("way", ["staff", "holder"])
def test_unknown_wrong_password_and_wrong_code_get_one_answer(town: Town, way: str) -> None:
    import holders_kit

    from security_kit import PASSWORD

    right = PASSWORD if way == "staff" else holders_kit.PASSWORD
    known, (unknown,) = known_name(town, way), unknown_names(way, 1)
    path = "/api/session" if way == "staff" else "/api/holder-session"
    page = "/sign-in/" if way == "staff" else "/my/sign-in/"
    answers, pages = set(), set()
    for name, password in ((known, right), (known, "wrong"), (unknown, "wrong"), (unknown, right)):
        body = {"username": name, "password": password, "code": "000000"}
        answers.add(problem(path, body))
        pages.add(page_text(page, body))
    assert len(answers) == 1
    assert len(pages) == 1


def problem(path: str, body: dict[str, str]) -> tuple[object, ...]:
    from pages_kit import HouseClient
    from security_kit import Api

    answer = Api(HouseClient()).post(path, body)
    told = answer.json()
    assert told.pop("instance")
    headers = {name: value for name, value in answer.headers.items() if name != "Sscard-Trace"}
    return answer.status_code, str(told), str(headers)


def page_text(path: str, body: dict[str, str]) -> tuple[int, str]:
    import re

    from pages_kit import HouseClient

    answer = HouseClient().post(path, body)
    text = re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.content.decode()).replace(body["username"], "NAME")
    return answer.status_code, text


@pytest.mark.asvs("v5.0.0-6.3.1")
@pytest.mark.parametrize("way", ["staff", "holder"])
@pytest.mark.parametrize("known", [True, False])
def test_ten_wrong_then_429_from_fifty_sources_too(town: Town, way: str, known: bool) -> None:
    """A known and an unknown name are braked alike, so the brake tells nothing either."""
    name = known_name(town, way) if known else unknown_names(way, 3)[2]
    sign_in = ways()[way]
    codes = [
        refusal_of(lambda at=at: sign_in(name, "wrong", "000000", f"198.51.100.{at}"))  # type: ignore[misc]
        for at in range(50)
    ]
    assert [one.code for one in codes] == ["control.sign_in"] * 10 + ["control.too_many_tries"] * 40
    assert {one.status for one in codes[10:]} == {429}


def test_the_api_says_when_to_come_back(town: Town) -> None:
    from pages_kit import HouseClient
    from security_kit import Api

    body = {"username": town.fresh(), "password": "wrong", "code": "000000"}
    api = Api(HouseClient())
    answers = [api.post("/api/session", body) for _ in range(11)]
    assert [one.status_code for one in answers] == [401] * 10 + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 900
    page = HouseClient().post("/sign-in/", body)
    assert page.status_code == 429


@pytest.mark.parametrize("way", ["staff", "holder"])
def test_one_source_is_braked_over_many_targets_and_others_go_on(town: Town, way: str) -> None:
    from sscard.control import throttle

    sign_in, source = ways()[way], f"192.0.2.{10 if way == 'staff' else 11}"
    most = throttle.SIGN_IN["source"].tries
    seen: list[Any] = []
    for number in range(most + 3):
        action = "signin" if way == "staff" else "holder"
        try:
            throttle.count(action, throttle.SIGN_IN, target=f"somebody {number}", source=source)
        except Refusal as refusal:
            seen.append((number, refusal.code))
    assert seen == [(most + extra, "control.too_many_tries") for extra in range(3)]
    name = unknown_names(way, 9)[8]
    assert refusal_of(lambda: sign_in(name, "wrong", "000000", source)).code == "control.too_many_tries"
    assert refusal_of(lambda: sign_in(name, "wrong", "000000", "192.0.2.250")).code == "control.sign_in"


@pytest.mark.asvs("v5.0.0-6.3.8")
def test_first_sign_in_tells_nobody_who_waits_for_his_code(town: Town) -> None:
    """Nobody registered, registered without a code, with a live code: one answer to a wrong code."""
    from datetime import timedelta

    from security_kit import ONE, resident
    from sscard.control import totp
    from sscard.kernel import clock, ids
    from sscard.kernel.db import unit_of_work
    from sscard.people.models import HolderInvite

    plain, invited = resident(account=False), resident(account=False)
    with unit_of_work(area=ONE):
        HolderInvite.objects.create(
            person_id=invited.holder.person_id, invite_id=ids.new_id(), area_code=ONE, code_hash=b"h" * 32,
            expires_at=clock.real_now() + timedelta(days=1),
        )  # fmt: skip
    secret = totp.new_secret()
    answers = set()
    for number in (unknown_names("holder", 5)[4], plain.id_number, invited.id_number):
        body = {
            "id_number": number, "code": "AAAA BBBB", "password": "晚上的茶-77-quiet", "totp_secret": secret,
            "totp_code": totp.code(secret, clock.real_now()),
        }  # fmt: skip
        answers.add(problem("/api/holder-setup", body))
    assert len(answers) == 1


def test_programs_are_braked_by_their_own_wrong_keys_and_not_by_working(town: Town) -> None:
    """Many right calls are a program's work; many wrong keys are guessing, and shut out nobody else (T18)."""
    from sscard.control import signin

    good = town.program("bank_program", "CCB", "990100", "k1")
    other = town.program("bank_program", "ICBC", "990100", "k2")
    for _ in range(30):
        assert signin.program(good.name, "k1", address="192.0.2.30").program_id == good.program_id
    codes = [refusal_of(lambda: signin.program(other.name, "guess", address="192.0.2.31")).code for _ in range(12)]
    assert codes == ["control.sign_in"] * 10 + ["control.too_many_tries"] * 2
    assert signin.program(good.name, "k1", address="192.0.2.30").program_id == good.program_id


@pytest.mark.parametrize("secret", ["", "JBSWY3DPEHPK3PXP", "夏" * 32, "0" * 32, "A" * 500])
def test_an_authenticator_that_is_easy_to_guess_is_not_taken(town: Town, secret: str) -> None:
    """A program of the holder's may bring its own secret; a short one would be no second factor."""
    from sscard.people import holders

    number = unknown_names("holder", 7)[6]
    refusal = refusal_of(
        lambda: holders.set_up(number, "AAAAAAAA", "晚上的茶-77-quiet", secret, "1", address="192.0.2.77")
    )
    assert refusal.code == "people.totp_wrong"


def test_a_hall_of_staff_behind_one_address_signs_in_all_day(house: object) -> None:
    from sscard.control import throttle

    most = throttle.SIGN_IN["source"].tries
    for number in range(3 * most):
        throttle.count("hall", throttle.SIGN_IN, target=f"colleague {number}", source="192.0.2.77")
        throttle.forget("hall", target=f"colleague {number}", source="192.0.2.77")
    for number in range(most):
        throttle.count("hall", throttle.SIGN_IN, target=f"stranger {number}", source="192.0.2.77")
    with pytest.raises(Refusal, match="too_many_tries"):
        throttle.count("hall", throttle.SIGN_IN, target="one more", source="192.0.2.77")
