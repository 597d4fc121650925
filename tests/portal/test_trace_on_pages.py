"""Whoever is refused sees the code of the refusal and the number under which the audit knows it, on every site."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from netbank_kit import client_of, customers_kit
from test_terminal_pages import CCB, kiosk_at, text

TRACE = re.compile(r'class="figure trace">([0-9a-f]{32})<')


def told(answer: Any, code: str) -> str:
    """The page names the code; its trace id, which the answer's head repeats."""
    page = answer.content.decode()
    assert code in page
    (found,) = TRACE.findall(page)
    return found


def audited(trace: str) -> list[tuple[str, str]]:
    from sscard.control.models import AuditRow
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area="990100"):
        return list(AuditRow.objects.filter(request_id=trace).values_list("verb", "result"))


def test_at_the_bureau_the_trace_id_leads_to_the_audit_row(office: Any) -> None:
    reviewer = office.client("reviewer.990100")
    answer = reviewer.act(f"/approvals/{uuid.uuid4()}/approve/", digest="0" * 64)
    trace = told(answer, "control.not_found")
    assert answer.headers["Sscard-Trace"] == trace
    assert audited(trace) == [("control.approve", "refused")]
    found = office.client("auditor.990100").get(f"/audit/?trace={trace}").content.decode()
    assert len(set(re.findall(r'href="/audit/([0-9a-f-]{36})/"', found))) == 1, (
        "the auditor finds it by the number on the page"
    )


def test_a_trace_id_is_looked_up_by_its_index_and_at_the_gateway_by_time(office: Any) -> None:
    from sscard.control.models import AuditRow
    from sscard.kernel import clock
    from sscard.kernel.db import unit_of_work

    trace, auditor, now = uuid.uuid4().hex, office.client("auditor.990100"), clock.real_now()
    with unit_of_work(area="990100"), connection.cursor() as cursor:
        for channel, days in (("page", 400), ("api", 0), ("gateway", 1), ("gateway", 30)):
            AuditRow.objects.create(
                occurred_at=now - timedelta(days=days), area_code="990100", actor_kind="program", channel=channel,
                verb="bank.deposit", result="ok", request_id=trace, mac=b"0" * 32,
            )  # fmt: skip
        cursor.execute("set local enable_seqscan = off")
        one = AuditRow.objects.filter(~Q(channel="gateway") & ~Q(request_id=""), request_id=trace)
        assert "control_audit_by_trace" in one.explain()

    def found(**more: str) -> int:
        page = auditor.get("/audit/", {"trace": f" {trace} ", **more}).content.decode()
        return len(set(re.findall(r'href="/audit/([0-9a-f-]{36})/"', page)))

    assert found() == 3, "the gateway's of the last days"
    assert found(day=(now - timedelta(days=30)).astimezone(clock.CHINA).date().isoformat()) == 1


@pytest.mark.usefixtures("house")
def test_at_the_banks_site_and_for_what_is_not_there() -> None:
    client = client_of(customers_kit.customer())
    told(client.get("/linked/finish/?state=none&iss=none"), "bank.link_")
    told(client.get("/nothing-here/"), "404")


def test_at_the_kiosk(office: Any) -> None:
    kiosk = kiosk_at(office, CCB, "CCB")
    answer = kiosk.client.get("/terminal/savings/draft/")
    assert answer.status_code == 404
    assert "control.not_found" in text(answer)
    assert TRACE.search(text(answer))
