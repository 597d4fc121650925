"""The gallery: every component with sample facts, for whoever makes or checks pages. Open outside production only.

path("gallery/", include("sscard.portal.gallery"))
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import errors, looks
from sscard.portal.samples import ID_NUMBER, Samples
from sscard.portal.shapes import Link

View = Callable[..., HttpResponse]


def outside_production(view: View) -> View:
    """In production the gallery is a page that does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **more: object) -> HttpResponse:
        if getattr(getattr(settings, "CONFIG", None), "profile", "production") == "production":
            raise Http404
        return view(request, *args, **more)

    return guarded


def _samples(request: HttpRequest) -> Samples:
    return Samples(looks.language(request))


@outside_production
def gallery(request: HttpRequest) -> HttpResponse:
    """All components on one page."""
    s = _samples(request)
    return looks.render(
        request,
        "portal/gallery/components.html",
        title=s.say("构件", "Components"),
        lead=s.say("每一页都由这些构件搭成。", "Every page is made of these."),
        s=s,
        table=s.table(request),
        empty=s.empty_table(request),
        crumbs=[Link(s.say("首页", "Start"), "/"), Link(s.say("构件", "Components"))],
        notices=s.notices(),
        **s.frame("desk"),
    )


@outside_production
def holder(request: HttpRequest) -> HttpResponse:
    """A holder's first screen."""
    s = _samples(request)
    title = s.say("您的卡还差一步：激活银行功能", "One step is left: activate the bank side")
    return looks.render(request, "portal/gallery/holder.html", title=title, s=s, **s.frame("holder"))


@outside_production
def desk(request: HttpRequest) -> HttpResponse:
    """A form that came back with faults, at a desk."""
    s = _samples(request)
    faults = [Fault("id_number", "portal.sample_check_digit", {"expected": "8"}), Fault("bank", "portal.sample_choose")]
    return looks.render(
        request,
        "portal/form.html",
        title=s.say("新办一张卡", "Apply for a card"),
        fields=s.fields(),
        values={"id_number": ID_NUMBER[:-1] + "X", "phone": "91300000000", "outlet": "2"},
        faults=faults,
        submit_label=s.say("继续", "Continue"),
        cancel_url="/gallery/",
        crumbs=[Link(s.say("窗口", "Counter"), "/gallery/"), Link(s.say("新办一张卡", "Apply for a card"))],
        status=200,
        **s.frame("desk"),
    )


@outside_production
def terminal(request: HttpRequest) -> HttpResponse:
    s = _samples(request)
    labels = (
        ("激活银行功能", "Activate the bank side"),
        ("查缴费记录", "See contributions"),
        ("查卡的状态", "See the card's state"),
        ("改社保密码", "Change the password"),
    )
    return looks.render(
        request,
        "portal/terminal.html",
        title=s.say("您要办什么？", "What would you like to do?"),
        lead=s.say("秦**，您好。卡已插好。", "Hello 秦**. Your card is in."),
        choices=[Link(s.say(zh, en), "/gallery/terminal/") for zh, en in labels],
        seconds=60,
        leave_url="/gallery/",
        back_url="/gallery/",
        area_name=s.say("云溪市 · 自助终端", "Yunxi · self-service"),
    )


@outside_production
def terminal_devices(request: HttpRequest) -> HttpResponse:
    s = _samples(request)
    return looks.render(
        request,
        "portal/terminal.html",
        title=s.say("请插入社保卡", "Insert your card"),
        devices=s.devices()[:2],
        live_url="/gallery/live/",
        seconds=60,
        leave_url="/gallery/",
        back_url="/gallery/",
        area_name=s.say("云溪市 · 自助终端", "Yunxi · self-service"),
    )


@outside_production
def live(request: HttpRequest) -> HttpResponse:
    """The fragment that the script fetches."""
    return looks.render(request, "portal/parts/devices_inner.html", title="", devices=_samples(request).devices()[:2])


@outside_production
def receipt(request: HttpRequest) -> HttpResponse:
    s = _samples(request)
    return looks.render(
        request,
        "portal/receipt.html",
        title=s.say("领卡凭条", "Hand-over slip"),
        organisation=s.say("云溪市社保中心 · 云溪北街网点", "Yunxi service centre · North Street outlet"),
        sentence=s.say("卡已交给您，社保功能已经启用。", "The card is yours and its social-security side is enabled."),
        lines=s.answers()[:2],
        number="9H7K-2M4Q",
        at=datetime(2026, 11, 21, 2, 30, tzinfo=UTC),
        signature=True,
        back_url="/gallery/",
        back_label=s.say("下一位", "Next person"),
        **s.frame("desk"),
    )


@outside_production
def work(request: HttpRequest) -> HttpResponse:
    s = _samples(request)
    return looks.render(
        request,
        "portal/progress.html",
        title=s.say("导入名册", "Importing the roster"),
        work=s.work(),
        work_label=s.say("云溪市 2026 年 11 月名册，10,000 行", "Yunxi roster of November 2026, 10,000 rows"),
        back_url="/gallery/",
        back_label=s.say("回到批量导入", "Back to imports"),
        **s.frame("desk"),
    )


@outside_production
def check(request: HttpRequest) -> HttpResponse:
    s = _samples(request)
    return looks.render(
        request,
        "portal/check.html",
        title=s.say("请核对后提交", "Check before you submit"),
        lines=s.answers(),
        action="/gallery/",
        hidden={"key": "9H7K"},
        warning=s.say("提交后由另一位同事审核。", "After this, a colleague reviews it."),
        submit_label=s.say("核对无误，提交", "It is right, submit"),
        **s.frame("desk"),
    )


@outside_production
def done(request: HttpRequest) -> HttpResponse:
    s = _samples(request)
    return looks.render(
        request,
        "portal/done.html",
        title=s.say("申请已提交", "The application is in"),
        number="9H7K-2M4Q",
        sentence=s.say(
            "另一位同事审核后，卡会进入下一个制卡批次。",
            "After a colleague's review the card goes into the next batch.",
        ),
        next_steps=[
            Link(s.say("打印凭条", "Print the slip"), "/gallery/receipt/"),
            Link(s.say("下一位", "Next person"), "/gallery/"),
        ],
        **s.frame("desk"),
    )


@outside_production
def error(request: HttpRequest, status: int) -> HttpResponse:
    if status == 409:
        way = Link(_samples(request).say("看能去哪里激活", "See where it can be activated"), "/gallery/")
        return errors.refusal_page(request, Refusal("portal.sample_other_bank"), way=way)
    if status == 429:
        return errors.too_many(request, 60)
    if status not in errors.STATUSES:
        raise Http404
    return errors.error_page(request, status)


@outside_production
@require_POST
def reveal(request: HttpRequest) -> HttpResponse:
    """What a view behind the eye button answers: JSON for the script, the page itself otherwise."""
    s = _samples(request)
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"value": ID_NUMBER, "said": looks.word("masked.was_recorded", s.lang)})
    return looks.render(
        request,
        "portal/gallery/holder.html",
        title=s.say("我的卡", "My card"),
        s=s,
        shown=ID_NUMBER,
        **s.frame("holder"),
    )


urlpatterns = [
    path("", gallery, name="gallery"),
    path("holder/", holder),
    path("desk/", desk),
    path("terminal/", terminal),
    path("terminal/devices/", terminal_devices),
    path("live/", live),
    path("receipt/", receipt),
    path("work/", work),
    path("check/", check),
    path("done/", done),
    path("reveal/", reveal),
    path("error/<int:status>/", error),
]
