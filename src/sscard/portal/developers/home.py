"""The developers' front page: for everybody what there is, for a partner his sandboxes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.control.rights import decide
from sscard.kernel.refusals import Refusal
from sscard.partners.models import Sandbox
from sscard.partners.sandbox import tenants
from sscard.partners.sandbox.acts import OpenSandbox
from sscard.portal import looks
from sscard.portal.developers.around import AREA, keys_page
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, caller_of, for_staff, fresh_key

RIGHT = "partners.open_sandbox"


def home(request: HttpRequest) -> HttpResponse:
    tenants.require_offered()
    caller = caller_of(request)
    if caller is None or not decide(caller, RIGHT):
        lang = looks.language(request)
        return looks.render(
            request, "portal/developers/front.html", title=looks.word("developers.title", lang),
            lead=looks.word("developers.lead", lang),
        )  # fmt: skip
    return _mine(request)


@for_staff(RIGHT)
def _mine(request: HttpRequest, at: AtPage) -> HttpResponse:
    with at.reading(RIGHT, "developers"):
        found = list(Sandbox.objects.filter(organisation=at.caller.organisation).order_by("number"))
    return at.render(
        "portal/developers/home.html", title=at.word("developers.sandboxes"), lead=at.word("developers.lead"),
        sandboxes=found, may_open=len(found) < tenants.MOST_SANDBOXES, here="/developers/",
    )  # fmt: skip


@for_staff(RIGHT)
def new(request: HttpRequest, at: AtPage) -> HttpResponse:
    faults = ()
    if request.method == "POST":
        try:
            done = at.perform("partners.open_sandbox", OpenSandbox(request.POST.get("name", "")), area=AREA)
        except Refusal as refusal:
            faults = faults_of(refusal, {"partners.sandboxes_most": "name"})
        else:
            return keys_page(at, done, "developers.opened")
    return at.render(
        "portal/form.html", title=at.word("developers.new"), lead=at.word("developers.new_lead"),
        fields=[Field("name", at.word("developers.name"), hint=at.word("developers.name_hint"), maxlength=60)],
        values=request.POST, faults=faults, action="/developers/new/", submit_label=at.word("developers.new_button"),
        hidden={"key": fresh_key()}, cancel_url="/developers/",
        crumbs=[Link(at.word("developers.nav"), "/developers/"), Link(at.word("developers.new"))], here="/developers/",
    )  # fmt: skip
