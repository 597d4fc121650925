"""The kiosk: signed in once, ID, card, PIN, done; the bank's switches; a clean screen whenever the card leaves."""

from __future__ import annotations

from typing import Any

import pytest
from holders_kit import bank_kit

from pages_kit import HouseClient
from sscard.control import totp
from sscard.kernel import clock

CCB, ICBC, BOCOM = "990100-CCB-01", "990100-ICBC-01", "990100-BOCOM-01"


def text(answer: Any) -> str:
    return answer.content.decode()


def kiosk_at(office: Any, outlet: str, bank: str) -> Any:
    """A kiosk with its devices; its screen is signed in by the program's key."""
    terminal = bank_kit.Terminal(bank, kind="kiosk", outlet=outlet)
    one = office.book.programs[f"kiosk.{outlet}"]
    client = HouseClient()
    answer = client.post("/terminal/sign-in/", {"name": one.name, "secret": one.secret, "terminal": terminal.code})
    assert answer.headers["Location"] == "/terminal/", text(answer)
    terminal.client = client
    return terminal


@pytest.fixture
def kiosk(office: Any) -> Any:
    return kiosk_at(office, CCB, "CCB")


@pytest.fixture
def holder(house: Any) -> Any:
    return bank_kit.opened(bank_kit.person())


def put_in(kiosk: Any, holder: Any, pin: str = bank_kit.PIN, *, by: Any = None, id_card: bool = True) -> None:
    if id_card:
        kiosk.desk.present_id((by or holder).virtual_person())
    kiosk.desk.insert_card(holder.virtual_card())
    kiosk.desk.enter_pin(pin)


def test_id_card_pin_done(kiosk: Any, holder: Any) -> None:
    client = kiosk.client
    assert "您要办什么" in text(client.get("/terminal/"))
    assert client.act("/terminal/begin/", matter="activate").headers["Location"] == "/terminal/devices/"
    page = text(client.get("/terminal/devices/"))
    assert page.count("device-waiting") == 1, "one question at a time"
    assert "data-countdown" in page
    put_in(kiosk, holder)
    assert 'data-go="/terminal/do/"' in text(client.get("/terminal/live/"))
    page = text(client.get("/terminal/do/"))
    assert "keypad" in page
    assert client.act("/terminal/do/", phone="123").status_code == 422
    done = text(client.act("/terminal/do/", phone="91300000001"))
    assert "银行账户激活好了" in done
    assert 'name="matter" value="online"' in done, "what most do next is one press away"
    assert holder.name not in done
    assert bank_kit.mirror_of(holder).status == "ACTIVE"
    assert client.get("/terminal/do/").headers["Location"] == "/terminal/"


def test_the_balance_shows_once_and_leaves_with_the_card(kiosk: Any, holder: Any) -> None:
    bank_kit.activated(holder)
    bank_kit.pay_in(holder, 666_00)
    client = kiosk.client
    client.act("/terminal/begin/", matter="balance")
    put_in(kiosk, holder, id_card=False)
    assert "¥666.00" in text(client.act("/terminal/do/"))
    left = client.get("/terminal/leave/")
    assert left.headers["Location"] == "/terminal/"
    assert left.headers["Clear-Site-Data"] == '"cache"'
    for path in ("/terminal/", "/terminal/do/", "/terminal/devices/", "/terminal/live/"):
        assert "666" not in text(client.get(path))
        assert client.get(path).headers["Cache-Control"] == "no-store"


def test_a_pulled_card_ends_the_evidence(kiosk: Any, holder: Any) -> None:
    client = kiosk.client
    client.act("/terminal/begin/", matter="activate")
    put_in(kiosk, holder)
    client.get("/terminal/leave/")
    assert client.act("/terminal/do/", phone="91300000001").headers["Location"] == "/terminal/"
    assert 'data-go="/terminal/leave/"' in text(client.get("/terminal/live/"))
    assert bank_kit.mirror_of(holder).status == "NOT_ACTIVATED"


def test_a_refusal_is_a_screen_with_the_next_step(kiosk: Any, holder: Any) -> None:
    client = kiosk.client
    client.act("/terminal/begin/", matter="activate")
    put_in(kiosk, holder, by=bank_kit.person())
    answer = client.act("/terminal/do/", phone="91300000001")
    assert answer.status_code >= 400
    page = text(answer)
    assert 'class="terminal"' in page
    assert "接下来怎么办" in page
    assert "请取回身份证" in page
    assert 'href="/"' not in page


def test_a_weak_pin_is_said_before_the_phone_is_asked(kiosk: Any, holder: Any) -> None:
    """The pad asks for another and the cards stay in, also when only the telephone number shows that it is weak."""
    client = kiosk.client

    def told_at_the_pad(why: str) -> None:
        page = text(client.get("/terminal/devices/"))
        assert why in page
        assert "再试一次" in page
        assert page.count("device-done") == 2, "ID and card are not asked for again"
        assert 'data-go="' not in text(client.get("/terminal/live/"))

    client.act("/terminal/begin/", matter="activate")
    put_in(kiosk, holder, f"{holder.birth:%y%m%d}")
    assert client.get("/terminal/do/").headers["Location"] == "/terminal/devices/"
    told_at_the_pad("出生日期")
    kiosk.desk.enter_pin("083157")
    assert "keypad" in text(client.get("/terminal/do/"))
    assert client.act("/terminal/do/", phone="91300083157").headers["Location"] == "/terminal/devices/"
    told_at_the_pad("手机号码")
    for _ in range(2):
        kiosk.desk.enter_pin("111111")
        last = client.get("/terminal/do/")
    assert last.status_code == 422, "the pad takes no more: a screen with the way out, and no circle"
    assert bank_kit.mirror_of(holder).status == "NOT_ACTIVATED"
    client.act("/terminal/begin/", matter="activate")
    put_in(kiosk, holder)
    assert "keypad" in text(client.get("/terminal/do/"))
    assert "激活好了" in text(client.act("/terminal/do/", phone="91300000001"))


def test_a_weak_social_password_is_said_when_it_is_typed(kiosk: Any, holder: Any) -> None:
    """Both where the card is enabled and where the password is changed; nothing of what was typed is kept."""
    from sscard.cards.models import Card, CardPassword
    from sscard.kernel.db import unit_of_work

    client, born = kiosk.client, f"{holder.birth:%y%m%d}"

    def said_at_once() -> None:
        assert client.get("/terminal/do/").headers["Location"] == "/terminal/devices/"
        page = text(client.get("/terminal/devices/"))
        assert "出生日期" in page
        assert "再试一次" in page
        assert page.count("device-done") == 2, "nothing else is asked for again"
        assert 'data-go="' not in text(client.get("/terminal/live/"))

    def passwords() -> list[Any]:
        with unit_of_work(area=holder.area):
            return list(CardPassword.objects.filter(person_id=holder.person_id).values_list("verifier", flat=True))

    client.act("/terminal/begin/", matter="enable")
    put_in(kiosk, holder, born)
    said_at_once()
    assert passwords() == []
    kiosk.desk.enter_pin("628415")
    assert client.get("/terminal/do/").status_code == 200
    assert passwords() == [], "judged and forgotten"
    assert "社保功能启用好了" in text(client.act("/terminal/do/"))
    with unit_of_work(area=holder.area):
        assert Card.objects.get(person_id=holder.person_id).social == "normal"
    before = passwords()
    client.act("/terminal/begin/", matter="change")
    put_in(kiosk, holder, "628415", id_card=False)
    kiosk.desk.enter_pin(born, new=True)
    said_at_once()
    kiosk.desk.enter_pin("740926", new=True)
    assert client.get("/terminal/do/").status_code == 200
    assert passwords() == before
    assert client.act("/terminal/do/").status_code == 200
    assert passwords() != before


def test_the_wrong_person_is_told_before_the_last_question(kiosk: Any, holder: Any) -> None:
    kiosk.client.act("/terminal/begin/", matter="enable")
    put_in(kiosk, holder, by=bank_kit.person())
    assert kiosk.client.get("/terminal/do/").status_code >= 400


def test_another_banks_card_is_named_its_bank(kiosk: Any) -> None:
    other = bank_kit.opened(bank_kit.person(bank="ICBC"))
    kiosk.client.act("/terminal/begin/", matter="activate")
    put_in(kiosk, other)
    assert "工商银行" in text(kiosk.client.get("/terminal/do/"))


def test_the_camera_looks_where_the_bank_says_so(office: Any) -> None:
    kiosk = kiosk_at(office, ICBC, "ICBC")
    one = bank_kit.opened(bank_kit.person(bank="ICBC"))
    kiosk.client.act("/terminal/begin/", matter="activate")
    put_in(kiosk, one)
    assert kiosk.client.get("/terminal/do/").headers["Location"] == "/terminal/devices/"
    kiosk.desk.look(one.virtual_person())
    assert "激活好了" in text(kiosk.client.act("/terminal/do/", phone="91300000001"))


def test_staff_confirm_where_the_bank_says_so(office: Any) -> None:
    kiosk = kiosk_at(office, BOCOM, "BOCOM")
    one = bank_kit.opened(bank_kit.person(bank="BOCOM"))
    client = kiosk.client
    assert client.act("/terminal/begin/", matter="activate").headers["Location"] == "/terminal/staff/"
    clerk, teller = office.book.staff["clerk.990100"], office.book.staff[f"teller.{BOCOM}"]

    def confirm(who: Any) -> Any:
        code = totp.code(who.totp, clock.real_now())
        return client.act("/terminal/staff/", username=who.username, password=who.password, code=code)

    assert confirm(clerk).status_code == 422
    assert confirm(teller).headers["Location"] == "/terminal/devices/"
    put_in(kiosk, one)
    assert "激活好了" in text(client.act("/terminal/do/", phone="91300000001"))
    assert client.act("/terminal/begin/", matter="activate").headers["Location"] == "/terminal/staff/"


def test_only_a_terminals_own_key_signs_it_in(office: Any) -> None:
    kiosk = kiosk_at(office, CCB, "CCB")
    one, other = office.book.programs[f"kiosk.{CCB}"], office.book.programs[f"kiosk.{ICBC}"]
    client = HouseClient()
    assert client.get("/terminal/").headers["Location"] == "/terminal/sign-in/"
    for name, secret in ((one.name, "falsch"), (other.name, other.secret), ("bankfiles.990100.CCB", "x")):
        answer = client.post("/terminal/sign-in/", {"name": name, "secret": secret, "terminal": kiosk.code})
        assert answer.status_code in (401, 422), name
    assert client.get("/terminal/").headers["Location"] == "/terminal/sign-in/"


def test_staff_pages_are_closed_to_a_terminal(kiosk: Any) -> None:
    for path in ("/bank/", "/my/", "/desk/"):
        assert kiosk.client.get(path).status_code == 302
