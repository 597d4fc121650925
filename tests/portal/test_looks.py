"""The furniture of the pages: words, formats, tables, pictures, components, error pages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.http import Http404, HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from sscard.kernel import words
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import charts, errors, gallery, looks, samples, shapes, tables

TEMPLATES = sorted((Path(looks.__file__).parent / "templates").rglob("*.html"))
LANGS = ("zh", "en")


@pytest.fixture(autouse=True)
def demo_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CONFIG", SimpleNamespace(profile="demo"), raising=False)


def ask(address: str = "/", lang: str = "zh", *, elder: bool = False, method: str = "get", **more):
    request = getattr(RequestFactory(), method)(address, **more)
    request.COOKIES[looks.LANG_COOKIE] = lang
    if elder:
        request.COOKIES[looks.ELDER_COOKIE] = "1"
    return request


def draw(markup: str, lang: str = "zh", **facts) -> str:
    facts.setdefault("request", ask(lang=lang))
    return Template("{% load sscard %}" + markup).render(Context({"lang": lang, **facts}))


def bare(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


class Page(HTMLParser):
    """Ids, targets of labels and descriptions, and whether anything is left open."""

    VOID = {"meta", "link", "input", "img", "br", "hr"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.wanted: set[str] = set()
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.wanted |= set((found.get(name) or "").split())
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in found):
            self.inline.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()


def sound(html: str) -> Page:
    page = Page(html)
    assert page.open == []
    assert page.inline == []
    assert len(page.ids) == len(set(page.ids)), [one for one in page.ids if page.ids.count(one) > 1]
    assert page.wanted <= set(page.ids), page.wanted - set(page.ids)
    return page


# ---- words


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_template_stands_in_the_catalogue(path: Path) -> None:
    text = path.read_text("utf-8")
    for code in re.findall(r"{% t [\"']([^\"']+)[\"']", text):
        entry = words.entry("page", code)
        assert entry["zh"]
        assert entry["en"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_chinese_of_their_own(path: Path) -> None:
    """Only the print on the card itself and the name of the Chinese language are the same in both languages."""
    text = path.read_text("utf-8")
    for same in ("中华人民共和国", "社会保障卡</text>", "中文"):
        text = text.replace(same, "")
    assert re.findall(r"[一-鿿]+", text) == []


def test_page_words_have_both_languages_and_the_same_facts() -> None:
    for code, entry in words.catalogue()["page"].items():
        assert entry.get("en"), code
        assert set(re.findall(r"{(\w+)}", entry["zh"])) == set(re.findall(r"{(\w+)}", entry["en"])), code


@pytest.mark.parametrize("status", errors.STATUSES)
def test_each_error_page_has_its_texts(status: int) -> None:
    for part in ("title", "what", "next", "button"):
        assert words.has("page", f"error.{status}.{part}")


# ---- formats


@pytest.mark.parametrize(
    "value, zh, en",
    [
        (date(2026, 11, 21), "2026年11月21日", "21 November 2026"),
        (202601, "2026年1月", "January 2026"),
        ("2026-11-21", "2026年11月21日", "21 November 2026"),
        (datetime(2026, 11, 20, 16, 30, tzinfo=UTC), "2026年11月21日", "21 November 2026"),
        (None, "", ""),
        ("", "", ""),
    ],
)
def test_days(value, zh: str, en: str) -> None:
    assert (looks.show_day(value, "zh"), looks.show_day(value, "en")) == (zh, en)


@pytest.mark.parametrize(
    "fen, text", [(123450, "¥1,234.50"), (0, "¥0.00"), (-5, "−¥0.05"), (100_000_000_00, "¥100,000,000.00"), (None, "")]
)
def test_money(fen: int | None, text: str) -> None:
    assert looks.show_money(fen) == text


@given(st.text(alphabet="0123456789X*", max_size=30))
def test_grouping_adds_only_spaces(number: str) -> None:
    shown = looks.grouped(number)
    assert shown.replace(" ", "") == number
    assert all(len(part) <= 4 for part in shown.split(" "))


# ---- language and elder mode


def answer_of(address: str, **cookies: str) -> HttpResponse:
    return looks.Looks(lambda request: HttpResponse("page"))(RequestFactory().get(address))


def test_a_choice_goes_into_a_cookie_and_off_the_address() -> None:
    response = answer_of("/a/?lang=en&q=%E4%BA%91")
    assert response.status_code == 302
    assert response["Location"] == "/a/?q=%E4%BA%91"
    cookie = response.cookies[looks.LANG_COOKIE]
    assert cookie.value == "en"
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert answer_of("/a/?elder=1").cookies[looks.ELDER_COOKIE].value == "1"


@pytest.mark.parametrize("address", ["/a/?lang=fr", "/a/?elder=yes", "/a/", "/a/?lang="])
def test_an_odd_choice_changes_nothing(address: str) -> None:
    response = answer_of(address)
    assert response.content == b"page"
    assert not response.cookies


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "/%5cevil.example/"])
def test_the_way_back_stays_on_this_site(path: str) -> None:
    request = RequestFactory().get("/?lang=en")
    request.path = path
    location = looks.Looks(lambda r: HttpResponse())(request)["Location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_a_choice_is_taken_from_reads_only() -> None:
    response = looks.Looks(lambda r: HttpResponse("page"))(RequestFactory().post("/a/?lang=en"))
    assert response.content == b"page"
    assert not response.cookies


def test_a_terminal_forgets_the_choice() -> None:
    response = looks.forget_choice(HttpResponse())
    assert {response.cookies[name]["max-age"] for name in (looks.LANG_COOKIE, looks.ELDER_COOKIE)} == {0}


def test_language_falls_back_to_chinese() -> None:
    assert looks.language(ask(lang="xx")) == "zh"
    assert looks.language(None) == "zh"


# ---- whole pages

PAGES = ("", "holder/", "desk/", "check/", "done/", "terminal/", "terminal/devices/", "live/", "receipt/", "work/")
VIEWS = {str(route.pattern): route.callback for route in gallery.urlpatterns}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", PAGES)
def test_gallery_pages_are_sound_in_both_languages(name: str, lang: str) -> None:
    html = VIEWS[name](ask(f"/gallery/{name}", lang)).content.decode()
    sound(html)
    if lang == "en":
        shown = re.sub(r"<text[^>]*>(中华人民共和国|社会保障卡)</text>|中文|秦\*\*", "", html)
        assert re.findall(r"[一-鿿]+", bare(shown)) == []
    assert "…" not in bare(html), "a fact of a sentence is missing"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("status", errors.STATUSES)
def test_error_pages_say_what_and_lead_on(status: int, lang: str) -> None:
    response = VIEWS["error/<int:status>/"](ask("/x/", lang), status=status)
    assert response.status_code == status
    html = response.content.decode()
    sound(html)
    assert html.count('class="button"') == 1
    assert looks.word("error.next", lang) in html


def test_the_gallery_is_closed_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    for config in (SimpleNamespace(profile="production"), None):
        monkeypatch.setattr(settings, "CONFIG", config)
        for view in VIEWS.values():
            with pytest.raises(Http404):
                view(ask("/gallery/"))


def test_elder_mode_marks_the_page() -> None:
    assert '<html lang="zh-CN" class="elder">' in gallery.holder(ask(elder=True)).content.decode()
    assert '<html lang="en">' in gallery.holder(ask(lang="en")).content.decode()


# ---- error pages


def test_a_refusal_shows_sentence_basis_and_next_step() -> None:
    refusal = Refusal("portal.sample_other_bank")
    html = errors.refusal_page(ask(), refusal, clause="《社会保障卡管理办法》第五条").content.decode()
    for part in (refusal.sentence("zh"), refusal.next_step("zh"), "第五条", "portal.sample_other_bank"):
        assert part in html
    assert "依据" not in errors.refusal_page(ask(), refusal).content.decode()


@pytest.mark.parametrize(
    "referer, way",
    [
        ("http://testserver/desk/?q=1", "/desk/?q=1"),
        ("http://evil.example/desk/", "/"),
        ("http://testserver//evil.example/", "/evil.example/"),
        ("http://testserver.evil.example/", "/"),
        ("", "/"),
    ],
)
def test_going_back_never_leaves_the_site(referer: str, way: str) -> None:
    request = ask("/act/", method="post", HTTP_REFERER=referer, HTTP_HOST="testserver")
    html = errors.forgery_guard(request).content.decode()
    assert f'<a class="button" href="{way}">' in html


def test_waiting_is_said_to_people_and_machines() -> None:
    response = errors.too_many(ask(), 90)
    assert (response.status_code, response["Retry-After"]) == (429, "90")
    assert "请等 90 秒" in response.content.decode()


def test_the_error_page_survives_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "render_to_string", lambda *a, **k: 1 / 0)
    response = errors.server_error(ask())
    assert response.status_code == 500
    assert "系统出错" in response.content.decode()


# ---- forms


def test_faults_come_all_with_links_and_typed_values_stay() -> None:
    faults = [Fault("id_number", "portal.sample_check_digit", {"expected": "8"}), Fault("bank", "portal.sample_choose")]
    html = draw(
        "{% error_summary %}{% field 'id_number' 'ID' hint='h' %}{% field 'bank' 'B' kind='radio' options=options %}",
        faults=faults,
        values={"id_number": "<09>", "bank": "B"},
        options=(("A", "one", ""), ("B", "two", "more")),
    )
    sound(html)
    assert html.count('href="#f-') == 2
    assert 'value="&lt;09&gt;"' in html
    assert 'aria-describedby="h-id_number e-id_number" aria-invalid="true"' in html
    assert re.search(r'value="B" id="f-bank-2" checked', html)
    assert draw("{% error_summary %}").strip() == ""


def test_a_password_is_never_put_back() -> None:
    html = draw("{% field 'pin' 'P' kind='password' %}", values={"pin": "secret-word"})
    assert "secret-word" not in html
    assert 'type="password"' in html


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("phone", 'type="tel"'),
        ("digits", 'inputmode="numeric"'),
        ("money", 'inputmode="decimal"'),
        ("date", 'type="date"'),
    ],
)
def test_kinds_of_fields(kind: str, expected: str) -> None:
    assert expected in draw("{% field f %}", f=shapes.Field("x", "X", kind))


def test_the_eye_is_a_recorded_post_and_vanishes_when_shown() -> None:
    html = draw("{% masked 'ID' '09**' reveal_url='/r/' field='id' %}", csrf_token="T")
    assert 'method="post" action="/r/"' in html
    assert 'name="csrfmiddlewaretoken" value="T"' in html
    shown = draw("{% masked 'ID' '09**' reveal_url='/r/' field='id' shown='0901' %}")
    assert "0901" in shown
    assert "<form" not in shown


def test_acts_that_are_refused_give_reason_and_step() -> None:
    html = draw("{% acts acts %}", acts=samples.Samples("zh").acts())
    assert html.count('class="act"') + html.count("act act-primary") == 2
    assert html.count('act-not"') == 2
    assert "先办领卡" in html


# ---- the card and its money


@pytest.mark.parametrize("mark, side", [("front_upper_left", 0), ("front_upper_right", 0), ("back", 1)])
def test_the_banks_mark_stands_where_the_area_has_it(mark: str, side: int) -> None:
    html = draw("{% card_picture card %}", card=samples.Samples("zh").card(mark))
    sides = re.findall(r"<svg class=\"card\".*?</svg>", html, re.S)
    assert ['class="card-mark"' in one for one in sides] == [side == 0, side == 1]
    sound(html)


def test_a_card_without_mark_or_bank_says_so() -> None:
    html = draw("{% card_picture card %}", card=samples.Samples("zh").card("none"))
    assert "card-mark" not in html
    assert "不印银行标记" in html
    plain = shapes.CardFace("云溪市", "秦**", "0901", "9")
    assert "没有银行功能" in draw("{% card_picture card %}", card=plain)


def test_medical_and_bank_money_are_never_added() -> None:
    html = draw(
        "{% balances m b %}",
        m=shapes.Balance("medical", "M", 100_00, "s", "t"),
        b=shapes.Balance("bank", "B", 23_00, "s", "t"),
    )
    assert "¥100.00" in html
    assert "¥23.00" in html
    assert "123.00" not in html


def test_a_balance_that_is_not_shown_leaves_no_figure() -> None:
    html = draw(
        "{% balances m b %}",
        m=shapes.Balance("medical", "M", 0, "s", "t"),
        b=shapes.Balance("bank", "B", None, "s", "t"),
    )
    assert html.count("balance-amount") == 1


contribution = st.builds(
    shapes.Contribution,
    month=st.integers(1, 12).map(lambda m: 202600 + m),
    insurance=st.sampled_from(charts.INSURANCES),
    employer_fen=st.integers(0, 10**8),
    person_fen=st.integers(0, 10**8),
    state=st.sampled_from(("paid", "late", "owed")),
)


@given(st.lists(contribution, max_size=40))
def test_a_year_adds_up_and_stays_in_its_frame(records: list[shapes.Contribution]) -> None:
    year = charts.contribution_year(2026, records)
    paid = [r for r in records if r.state != "owed"]
    assert year.total_fen == sum(r.employer_fen + r.person_fen for r in paid) == sum(year.sums)
    assert len(year.bars) == 12
    assert year.months + len(year.missing) == 12
    for bar in year.bars:
        assert all(block.y >= 0 and block.height > 0 for block in bar.blocks)
        assert 0 <= bar.x <= charts.PLOT_WIDTH + charts.PLOT_LEFT


def test_sums_of_the_table_are_the_sums_of_its_lines() -> None:
    year = charts.contribution_year(2026, samples.Samples("zh").contributions(), until=10)
    assert sum(line.total_fen for line in year.lines) == year.total_fen
    assert year.missing == (202609,)
    assert len(year.lines) == 10


def test_months_that_are_not_due_are_neither_missing_nor_drawn() -> None:
    year = charts.contribution_year(2026, [shapes.Contribution(202601, "pension", 100, 0)], until=10)
    assert year.missing == tuple(range(202602, 202611))
    assert year.later == (202611, 202612)
    assert [bar.number for bar in year.bars if not bar.due] == [11, 12]
    days = (date(2026, 1, 5), date(2026, 11, 22), date(2027, 1, 1), date(2025, 12, 31))
    assert [charts.last_due(2026, day) for day in days] == [0, 10, 12, 0]


def test_partly_owed_month_counts_only_what_was_paid() -> None:
    """One insurance of one month with a paid and an owed entry: the paid part counts in line and sum alike."""
    records = [shapes.Contribution(202603, "pension", 100, 0), shapes.Contribution(202603, "pension", 50, 0, "owed")]
    year = charts.contribution_year(2026, records)
    assert year.total_fen == 100
    assert sum(line.total_fen for line in year.lines) == 100


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=5).filter(any))
def test_pieces_fill_their_bar(amounts: list[int]) -> None:
    found = charts.pieces([shapes.Part(str(n), fen) for n, fen in enumerate(amounts)])
    assert len(found) == sum(fen > 0 for fen in amounts)
    assert abs(sum(piece.width for piece in found) - 1000) <= 0.1 * len(found)


@given(st.lists(st.integers(-(10**6), 10**6), max_size=30))
def test_trend_lines_stay_in_their_frame(values: list[int]) -> None:
    points = charts.spark_points(values)
    assert bool(points) == (len(values) > 1)
    for x, y in (map(float, point.split(",")) for point in points.split()):
        assert 0 <= x <= charts.SPARK_WIDTH
        assert 0 <= y <= charts.SPARK_HEIGHT


# ---- tables

COLUMNS = (
    tables.Column("name", "Name"),
    tables.Column("count", "Count", "number"),
    tables.Column("x", "X", sortable=False),
)


def rows(count: int) -> list[tables.Row]:
    return [tables.Row({"name": f"row {n:03d}", "count": (n * 7) % 100, "x": None}) for n in range(count)]


def test_a_table_sorts_filters_and_pages_by_its_address() -> None:
    table = tables.table_of(ask("/t/?sort=-count&page=2&q=row"), "T", COLUMNS, rows(100), per_page=30)
    assert [row.values["count"] for row in table.rows] == list(range(69, 39, -1))
    assert (table.first, table.last, table.total, table.pages) == (31, 60, 100, 4)
    assert table.next_url == "?sort=-count&q=row&page=3"
    assert tables.table_of(ask("/t/?q=ROW+007"), "T", COLUMNS, rows(100)).total == 1


@pytest.mark.parametrize(
    "query", ["page=0", "page=-3", "page=x", "page=99999999999", "page=²", "sort=x", "sort=; drop", "q=" + "a" * 999]
)
def test_odd_addresses_give_a_table_all_the_same(query: str) -> None:
    table = tables.table_of(ask(f"/t/?{query}"), "T", COLUMNS, rows(3), sort="name")
    assert 1 <= table.page <= table.pages
    assert table.asked.sort == "name"
    sound(draw("{% data_table table %}", table=table))


def test_heads_turn_the_sorting_and_say_it() -> None:
    heads = tables.table_of(ask("/t/?sort=name&page=2"), "T", COLUMNS, rows(3)).heads()
    assert [(head["state"], head["url"]) for head in heads] == [
        ("ascending", "?sort=-name"),
        ("none", "?sort=count"),
        ("none", ""),
    ]


def test_an_empty_table_says_what_to_do() -> None:
    table = tables.table_of(ask("/t/"), "T", COLUMNS, [], empty_text="do this", empty_url="/go/", empty_label="Go")
    html = draw("{% data_table table %}", table=table)
    assert "do this" in html
    assert 'href="/go/"' in html
    assert "<table" not in html


def test_poison_from_files_stays_text() -> None:
    evil = "<script>alert(1)</script>"
    table = tables.table_of(
        ask("/t/"),
        evil,
        (tables.Column("a", evil), tables.Column("b", "B", "code")),
        [tables.Row({"a": evil, "b": evil})],
    )
    html = draw(
        "{% data_table table %}{% status text=evil %}{% masked evil evil %}{% number evil %}", table=table, evil=evil
    )
    assert "<script" not in html
