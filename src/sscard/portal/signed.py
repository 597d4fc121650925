"""Who is at the page, and the frame around what he sees.

    @for_staff("people.view")          a signed-in staff member with this right; else the sign-in page, or the same 404 as for
    def view(request, at: AtPage): …   a missing record
    @for_holder                        a signed-in holder

`AtPage` carries the caller for the door, the language, and `render` with the frame (navigation, name, area) filled in.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.control import door
from sscard.control.caller import Caller
from sscard.control.models import Staff
from sscard.control.rights import decide
from sscard.control.sessions import token_hash
from sscard.kernel.ids import new_id
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.people import holders
from sscard.portal import looks
from sscard.portal.navigation import home_of, links_of
from sscard.portal.second_person import counted
from sscard.portal.shapes import Who
from sscard.portal.trace import trace_of

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class AtPage:
    """The signed-in person at this page."""

    request: HttpRequest
    caller: Caller
    lang: str

    def word(self, code: str, /, **facts: Any) -> str:
        return looks.word(code, self.lang, **facts)

    @property
    def area_name(self) -> str:
        return areas.get(self.caller.area).name(self.lang) if self.caller.area else ""

    def render(self, template: str, *, title: str, **more: Any) -> HttpResponse:
        """A page with its frame. Give `here` (path of the current entry of the navigation) where it is not the path itself."""
        return looks.render(self.request, template, title=title, **{**self.frame(more.pop("here", "")), **more})

    def frame(self, here: str = "") -> dict[str, Any]:
        """Navigation, name, area and the way home."""
        caller = self.caller
        if caller.kind == "holder":
            role, organisation = self.word("front.role.holder"), ""
        else:
            role = "、".join(sorted(self.word(f"front.role.{one}") for one in caller.roles))
            organisation = caller.extra.get(f"organisation_{self.lang}", caller.organisation)
        return {
            "nav": counted(links_of(caller, here or self.request.path, self.lang), caller),
            "who": Who(caller.name, role, organisation, "/sign-out/"),
            "area_name": self.area_name,
            "home_url": home_of(caller),
            "staff": caller.kind == "staff",
        }

    def perform(
        self, act: str, request: Any, *, key: str = "", purpose: str = "", area: str | None = None
    ) -> door.Outcome:
        """Do an act with the form's own key: every form carries one (`fresh_key()` in `hidden`), so a double click is one act."""
        key = key or self.request.POST.get("key", "")
        return door.perform(self.caller, act, request, key=key, purpose=purpose, area=area)

    def reading(self, right: str, purpose: str, area: str | None = None) -> Any:
        return door.reading(self.caller, right=right, purpose=purpose, area=area)


def fresh_key() -> str:
    """A new idempotency key for a form."""
    return str(new_id())


def caller_of(request: HttpRequest) -> Caller | None:
    """The caller behind the session cookie, or None. A disabled account is nobody at its next request (T19)."""
    session = request.session
    kind, subject = session.get("kind"), session.get("subject")
    more: dict[str, Any] = {
        "channel": "page",
        "session": token_hash(session.session_key or "").hex()[:32],
        "address": str(request.META.get("REMOTE_ADDR", ""))[:45],
        "request_id": trace_of(request),
    }
    if kind == "staff" and subject:
        staff = Staff.objects.select_related("organisation").filter(staff_id=uuid.UUID(subject), active=True).first()
        if staff is None:
            return None
        names = {"organisation_zh": staff.organisation.name_zh, "organisation_en": staff.organisation.name_en}
        if staff.must_change_password:
            names["must_change_password"] = "yes"  # noqa: S105 - a mark, no password
        area = staff.area_code or session.get("area", "")
        return Caller.of_staff(staff, extra=names, area=area, **more)
    if kind == "holder" and subject:
        account = holders.account_of(uuid.UUID(subject))
        return holders.caller_of(account, **more) if account else None
    return None


def for_staff(right: str = "") -> Callable[[View], View]:
    """Only for signed-in staff who have this right."""

    def around(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            caller = caller_of(request)
            if caller is None or caller.kind != "staff":
                return to_sign_in(request, "/sign-in/")
            if "must_change_password" in caller.extra and request.path != "/password/":
                return HttpResponseRedirect("/password/")
            if right and not decide(caller, right):
                raise Refusal("control.not_allowed", act=right)
            return view(request, AtPage(request, caller, looks.language(request)), *args, **kwargs)

        return inner

    return around


def for_holder(view: View) -> View:
    """Only for a signed-in holder."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        caller = caller_of(request)
        if caller is None or caller.kind != "holder":
            return to_sign_in(request, "/my/sign-in/")
        return view(request, AtPage(request, caller, looks.language(request)), *args, **kwargs)

    return inner


def to_sign_in(request: HttpRequest, url: str) -> HttpResponse:
    """To the sign-in page, and back here afterwards."""
    return HttpResponseRedirect(
        f"{url}?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else url
    )


def own_path(text: str, otherwise: str) -> str:
    """A path of this site to go on to; anything else is replaced."""
    return text if text.startswith("/") and not text.startswith(("//", "/\\")) and "\n" not in text else otherwise
