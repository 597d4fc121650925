"""Conformance runs: start, what is seen so far, end, the signed report."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.kernel.refusals import Refusal
from sscard.partners import conformance
from sscard.partners.conformance import FinishConformance, StartConformance
from sscard.partners.models import ConformanceRun, Sandbox
from sscard.portal.developers.around import for_owner, show
from sscard.portal.forms import uuid_of
from sscard.portal.signed import AtPage, fresh_key


@for_owner
def runs(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    if request.method == "POST":
        if run := request.POST.get("run", ""):
            asked = FinishConformance(sandbox.sandbox_id, uuid_of(run))
            at.perform("partners.finish_conformance", asked, area=sandbox.area_code)
        else:
            asked_ = StartConformance(sandbox.sandbox_id)
            at.perform("partners.start_conformance", asked_, area=sandbox.area_code)
        return HttpResponseRedirect(request.path)
    rows = list(ConformanceRun.objects.filter(sandbox=sandbox.sandbox_id).defer("paper").order_by("-begun_at")[:10])
    shown = []
    for row in rows:
        results = [
            {"text": one["zh"] if at.lang == "zh" else one["en"], "state_code": f"partners.check.{one['state']}"}
            for one in row.results or conformance.judge(row)
        ]
        shown.append({"run": row, "results": results, "report": f"{request.path}{row.run_id}/report"})
    checks = [one.zh if at.lang == "zh" else one.en for one in conformance.CHECKS]
    return show(
        at, sandbox, "conformance", "portal/developers/conformance.html", runs=shown, checks=checks,
        lead=at.word("developers.conformance_lead"), is_open=any(row.ended_at is None for row in rows), key=fresh_key(),
    )  # fmt: skip


@for_owner
def report(request: HttpRequest, at: AtPage, sandbox: Sandbox, run: uuid.UUID, form: str) -> HttpResponse:
    row = ConformanceRun.objects.filter(sandbox=sandbox.sandbox_id, run_id=run).first()
    row = conformance.reported(row) if row else None
    if row is None or row.paper is None or form not in ("pdf", "jws"):
        raise Refusal("control.not_found")
    kind, file = ("application/pdf", bytes(row.paper)) if form == "pdf" else ("application/jose", row.report.encode())
    answer = HttpResponse(file, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="conformance-{run}.{form}"'
    return answer
