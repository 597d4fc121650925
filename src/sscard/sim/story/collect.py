"""Chapter one: a roster comes in with its faults, people are registered, doubts are settled by two persons."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from sscard.sim.roster import cells_of
from sscard.sim.story import people
from sscard.sim.story.client import Refused
from sscard.sim.story.steps import Chapter, Step, must
from sscard.sim.story.world import World

UNAPPROVED = "990300"
ENTRIES = (
    ("clerk", "issuing.apply_many", {"bank": "CCB", "outlet": "990300-B01"}),
    ("clerk", "issuing.apply", {"person": str(uuid.UUID(int=1)), "bank": "CCB", "outlet": "990300-B01"}),
    (
        "stock",
        "issuing.make_batch",
        {"bank": "CCB", "producer": "PRODUCER-YUNSHAN", "product": "YS-3", "chip": "SC3-80"},
    ),
    ("reviewer", "issuing.check", {"application": str(uuid.UUID(int=1))}),
    ("stock", "issuing.send_to_outlet", {"outlet": "990300-B01", "seal": "SEAL-0001"}),
)
"""Where somebody of the area without approval might try to begin."""


def no_approval(world: World) -> dict[str, Any]:
    """Every entry answers alike; the last one's refusal is the one that is told."""
    for name, act, request in ENTRIES:
        try:
            world.staff(f"{name}.{UNAPPROVED}").act(act, **request)
        except Refused as no:
            must(no.code == "law.area_not_approved", f"{act}: {no.code}")
            last = no
        else:
            must(False, f"{act} went through without approval")
    raise last


def others_never_issue(world: World) -> dict[str, Any]:
    """A bank's teller, a bank's reviewer and a producer's program try to make a batch themselves."""
    order = {"bank": world.place.bank, "producer": "PRODUCER-YUNSHAN", "product": "YS-3", "chip": "SC3-80"}
    producer = world.program("producer.yunshan")
    producer.area = world.area
    for client in (world.staff(f"bankreview.{world.area}.{world.place.bank}"), producer):
        try:
            client.act("issuing.make_batch", **order)
        except Refused as no:
            must(no.code == "control.not_allowed", no.code)
        else:
            must(False, "somebody else than the department made a batch")
    return dict(world.staff(f"teller.{world.place.branch}").act("issuing.make_batch", **order))


def hand_in(world: World) -> dict[str, Any]:
    """Five people and two slips: a wrong last digit, and one person twice."""
    town = people.Newcomers(world.area)
    one, two, mended, staff, stranger = list(town.people(5))
    world.heroes |= {"hero": people.hero_of(one), "other": people.hero_of(two), "newcomer": people.hero_of(mended)}
    world.facts |= {"employee": staff, "stranger": stranger}
    rows = [cells_of(one), cells_of(two), {**cells_of(mended), "id_number": people.wrong_digit(mended.id_number)}]
    rows.append(dict(rows[1]))
    for name in ("hero", "other"):
        world.wallet.keep_person(name, world.heroes[name].body)
    received = world.staff("clerk").file("/api/rosters", "名册.csv", people.roster(rows))
    path = f"/api/imports/{received['import']}"
    found = world.wait(world.staff("clerk"), path, ("checking",))
    must(found["state"] == "checked", f"the file is {found['state']}: {found['error']}")
    must((found["rows"], found["bad"]) == (4, 1), f"counts are {found}")
    world.facts["import"] = received["import"]
    return {"rows": found["rows"], "good": found["good"], "bad": found["bad"]}


def register_good(world: World) -> dict[str, Any]:
    clerk, import_id = world.staff("clerk"), world.facts["import"]
    clerk.act("people.register_roster", import_id=import_id)
    found = world.wait(clerk, f"/api/imports/{import_id}", ("registering",))
    must(found["state"] == "done" and found["new"] == 2, f"registered: {found}")
    return {"new": found["new"]}


def mend(world: World) -> dict[str, Any]:
    """The workbook of faults, corrected and handed in again, is a roster too."""
    clerk = world.staff("clerk")
    book, mended = world.folder / "faults.xlsx", world.folder / "faults-corrected.xlsx"
    book.write_bytes(clerk.raw("GET", f"/api/imports/{world.facts['import']}/faults/1"))
    people.mend(book, world.heroes["newcomer"].body.id_number, mended)
    received = clerk.file("/api/rosters", mended.name, mended.read_bytes())
    path = f"/api/imports/{received['import']}"
    found = world.wait(clerk, path, ("checking",))
    must(found["bad"] == 0 and found["rows"] == 1, f"still wrong: {found}")
    clerk.act("people.register_roster", import_id=received["import"])
    found = world.wait(clerk, path, ("registering",))
    must(found["new"] == 1, f"registered: {found}")
    return {"new": found["new"]}


def by_employer(world: World) -> dict[str, Any]:
    form = people.form_of(world.facts["employee"])
    done = world.staff("employer").act("people.register_staff", form=form)
    must(done["outcome"] == "new", str(done))
    return {}


def other_name(world: World) -> dict[str, Any]:
    """Somebody comes to the desk with the hero's number and another name."""
    own, stranger = people.form_of(world.facts["stranger"]), world.hero
    form = {**own, "id_number": stranger.body.id_number, "birth_date": stranger.birth, "category": "resident",
            "employer_code": "", "employer_name": ""}  # fmt: skip
    form["sex"] = "1" if int(stranger.body.id_number[16]) % 2 else "2"
    done = world.staff("clerk").act("people.register", form=form)
    must(done["outcome"] == "queued", str(done))
    world.facts["case"] = done["case"]
    return {}


def decide_alone(world: World) -> dict[str, Any]:
    reviewer = world.staff("reviewer")
    asked = reviewer.act(
        "people.decide_duplicate", case=world.facts["case"], decision="drop", reason="身份证原件与原登记一致"
    )
    world.facts["asked"] = asked
    return world.approve("reviewer", asked)


def decide_together(world: World) -> dict[str, Any]:
    done = world.approve("reviewer2", world.facts["asked"])
    must(done["decision"] == "drop", str(done))
    return {}


def undo(world: World) -> dict[str, Any]:
    reviewer = world.staff("reviewer")
    asked = reviewer.act("people.undo_duplicate", case=world.facts["case"], reason="复查")
    done = world.approve("reviewer2", asked)
    must(done["state"] == "open", str(done))
    asked = reviewer.act(
        "people.decide_duplicate", case=world.facts["case"], decision="drop", reason="身份证原件与原登记一致"
    )
    world.approve("reviewer2", asked)
    return {}


def find(world: World) -> dict[str, Any]:
    """By the whole number; what comes back is masked."""
    clerk = world.staff("clerk")
    for hero in world.heroes.values():
        (found,) = clerk.get("/api/people", q=hero.body.id_number)
        must("*" in found["name"] and "*" in found["id_number"], "a list must show masks only")
        must(hero.body.id_number not in str(found), "the whole number is in the answer")
        hero.public = found["public_id"]
    return {"name": world.shown(found["name"])}


def foreign_clerk(world: World) -> dict[str, Any]:
    """A clerk of another area asks for the record, and for one that does not exist: he can't tell them apart."""
    clerk = world.staff(f"clerk.{world.twin_area}")
    try:
        clerk.get(f"/api/people/{uuid.uuid4()}")
    except Refused as no:
        missing = {**no.problem, "instance": ""}
    try:
        return dict(clerk.get(f"/api/people/{world.hero.public}"))
    except Refused as no:
        must({**no.problem, "instance": ""} == missing, "the two answers differ")
        raise


def photos(world: World) -> dict[str, Any]:
    clerk = world.staff("clerk")
    for name, hero in world.heroes.items():
        image = base64.b64encode(hero.photo or people_photo(name)).decode()
        done = clerk.act("people.add_photo", person=hero.public, image=image)
        must(done["photo"] is True, str(done))
    return {}


def people_photo(seed: str) -> bytes:
    from sscard.sim.avatar import avatar

    return avatar(f"story:{seed}")


CHAPTER = Chapter(
    "采集",
    "Collecting",
    (
        Step(
            ("ISS-1",),
            "青禾市（990300）没有部里的发卡批准：申领、审核、组批、批量申领、配送，五个入口都说同一句话。",
            "Qinghe (990300) has no approval of the ministry: applying, reviewing, batching, a campaign, shipping - five"
            " entries, one answer.",
            no_approval,
            refused="law.area_not_approved",
        ),
        Step(
            ("ISS-1",),
            "银行的复核员、制卡企业的程序和银行柜员自己动手组批：他们都不是发卡的人。",
            "A bank's reviewer, a producer's program and a teller try to make a batch themselves: none of them issues.",
            others_never_issue,
            refused="control.not_allowed",
        ),
        Step(
            ("ISS-5",),
            "经办人把一份 GB18030 编码、中文表头的名册交进来，先核验：{rows} 行里 {good} 行可登记，{bad} 行有问题。",
            "The clerk hands in a roster in GB18030 with Chinese headings; the dry run says: {rows} rows, {good} good,"
            " {bad} with faults.",
            hand_in,
        ),
        Step(
            ("ISS-5",),
            "好的行登记入库：新增 {new} 人，同一个人写了两遍的那一行不会多出一个人。",
            "The good rows are registered: {new} new persons; the row that stood there twice makes nobody twice.",
            register_good,
        ),
        Step(
            ("ISS-5",),
            "有问题的行在 XLSX 里连同每一处原因退回来，改好末位校验码再交一次，{new} 人登记成功。",
            "The bad row comes back in an XLSX with every reason beside it; its last digit is corrected there and handed"
            " in again: {new} registered.",
            mend,
        ),
        Step(
            ("ISS-5",),
            "用人单位登记自己的一名职工：单位是谁由登录的人定，不由表格定。",
            "An employer registers one of its own staff: which employer it is follows from the sign-in, not from the form.",
            by_employer,
        ),
        Step(
            ("ISS-5",),
            "有人拿着同一个号码、另一个名字来登记：不覆盖，也不新建，进待核队列。",
            "Somebody comes with the same number and another name: nothing is overwritten, nobody is made, it goes to the"
            " queue.",
            other_name,
        ),
        Step(
            ("ISS-6", "SEC-1"),
            "复核员提出处理意见后想自己批准。",
            "The reviewer proposes a decision and tries to approve it himself.",
            decide_alone,
            refused="control.own_request",
        ),
        Step(
            ("ISS-5",),
            "换另一位复核员，对着同一份摘要签字，这件才办结。",
            "A second reviewer signs the digest of exactly this request, and the case is decided.",
            decide_together,
        ),
        Step(
            ("ISS-5",),
            "决定可以由两个人撤回，件回到队列，再重新办结。",
            "Two persons can take the decision back: the case is open again, and is decided anew.",
            undo,
        ),
        Step(
            ("SEC-1",),
            "窗口按完整号码找到本人，看到的是掩码。",
            "The desk finds the person by the whole number and sees masks.",
            find,
        ),
        Step(
            ("SEC-1",),
            "外地经办人来查这个人，得到的回答和查一个不存在的人一字不差。",
            "A clerk of another area asks for the record and gets, word for word, the answer for one that does not exist.",
            foreign_clerk,
            refused="control.not_found",
        ),
        Step(("ISS-5",), "窗口为他补拍照片。", "The desk adds his photo.", photos),
    ),
)
