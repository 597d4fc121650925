"""An employer's handler registers staff and sees his own people only; nothing of a bank."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from holders_kit import bank_kit

from sscard.codes import demo
from sscard.codes.sex import Sex

NUMBER = demo.citizen_id(date(1991, 2, 3), Sex.MALE, 77, "090101")


def text(answer: Any) -> str:
    return answer.content.decode()


@pytest.fixture
def client(office: Any) -> Any:
    return office.client("employer.990100")


def test_an_employee_is_registered_and_listed(client: Any) -> None:
    form = {"sex": "1", "birth_date": "1991-02-03", "nation": "01", "household_address": "云溪市溪东区清泉路 9 号"}
    done = client.act("/employer/new/", name="欧阳明月", id_number=NUMBER, phone="91300000077", **form)
    assert "已登记" in text(done), text(done)
    page = text(client.get("/employer/"))
    assert "还没申请" in page
    assert NUMBER not in page
    assert "欧阳明月" not in page


def test_every_fault_stands_at_its_field(client: Any) -> None:
    wrong = client.act("/employer/new/", name="", id_number=NUMBER[:-1] + "0", phone="12")
    page = text(wrong)
    assert wrong.status_code == 422
    for place in ("name", "id_number", "phone"):
        assert f'id="e-{place}"' in page, place


def test_people_of_others_and_bank_data_are_not_here(client: Any, office: Any) -> None:
    stranger = bank_kit.opened(bank_kit.person())
    page = text(client.get("/employer/"))
    assert stranger.id_number[:6] not in page or "欧阳" not in page
    assert "激活" not in page
    assert office.client("clerk.990100").get("/employer/").status_code in (403, 404)
