"""What all pages of a sandbox share: whose it is, the way to its parts, the page that shows keys once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.control.door import Outcome
from sscard.kernel.refusals import Refusal
from sscard.partners.models import Sandbox
from sscard.partners.sandbox import tenants
from sscard.portal.shapes import Link
from sscard.portal.signed import AtPage, for_staff

AREA = ""
PARTS = ("overview", "magic", "clients", "calls", "events", "conformance")
_PATHS = {one: "" if one == "overview" else f"{one}/" for one in PARTS}
View = Callable[..., HttpResponse]


def for_owner(view: View) -> View:
    """Under a sandbox's address: a signed-in developer of the partner whose sandbox it is. Another's is not there."""

    @for_staff("partners.open_sandbox")
    @wraps(view)
    def inner(request: HttpRequest, at: AtPage, sandbox: uuid.UUID, **more: Any) -> HttpResponse:
        tenants.require_offered()
        with at.reading("partners.sandbox", "developers"):
            found = Sandbox.objects.filter(sandbox_id=sandbox, organisation=at.caller.organisation).first()
        if found is None:
            raise Refusal("control.not_found")
        return view(request, at, found, **more)

    return inner


def show(at: AtPage, sandbox: Sandbox, part: str, template: str, **more: Any) -> HttpResponse:
    """A page of this sandbox, with the way to the others."""
    base = f"/developers/{sandbox.sandbox_id}/"
    parts = [Link(at.word(f"developers.part.{one}"), base + _PATHS[one], one == part) for one in PARTS]
    more.setdefault("title", f"{sandbox.name} · {at.word(f'developers.part.{part}')}")
    return at.render(
        template, sandbox=sandbox, parts=parts, base=base, here="/developers/",
        crumbs=[Link(at.word("developers.nav"), "/developers/"), Link(sandbox.name)], **more,
    )  # fmt: skip


def keys_page(at: AtPage, done: Outcome, title: str) -> HttpResponse:
    """The keys, this once. A repeat of the form has none to show."""
    sandbox = Sandbox.objects.get(sandbox_id=done.answer["sandbox"])
    return show(
        at, sandbox, "overview", "portal/developers/keys.html", title=at.word(title),
        keys=[{"role": role, **one} for role, one in done.once.get("keys", {}).items()],
        api=f"{at.request.scheme}://{at.request.get_host()}/api",
    )  # fmt: skip
