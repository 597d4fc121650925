"""The electronic card as a credential: signed on the holder's phone, scanned by a school."""

from __future__ import annotations

import uuid
from typing import Any

from sscard.sim.story.steps import Step, must
from sscard.sim.story.world import World

PASSWORD = "730591"  # noqa: S105 - a made-up person's
PURPOSE = "training_enrolment"


def scanned(world: World) -> dict[str, Any]:
    """A face check, a password of its own, a phone that is proved by message; then a code a minute, which serves once."""
    me, anybody = world.holder(), world.nobody()
    card = me.get("/api/my/ecard")["card"]
    begun = me.json("POST", "/api/my/ecard/checks", {"action": "cards.ecard_sign", "by": "face", "consent": True})
    anybody.json("POST", f"/api/sandbox/face/{begun['challenge']}", {"outcome": "pass"})
    me.act("cards.ecard_sign", card=card, consent=True, password=PASSWORD, challenge=begun["challenge"])
    sent = me.json("POST", "/api/my/ecard/checks", {"action": "cards.ecard_open", "by": "phone"})
    code = anybody.get(f"/api/sandbox/{world.area}/messages", limit="1")[0]["code"]
    phone = me.act("cards.ecard_open", password=PASSWORD, challenge=sent["challenge"], code=code)["phone"]
    shown = me.act("cards.ecard_code", phone=phone)["code"]
    first, again = _check(world, shown), _check(world, shown)
    must(first["valid"] and first["facts"]["name"] == world.hero.body.name, str(first))
    must(set(first["facts"]) == {"name", "insured"}, str(first["facts"]))
    must((again["valid"], again["reason"], again["facts"]) == (False, "used", {}), str(again))
    return {"reason": again[f"reason_{world.lang}"]}


def _check(world: World, code: str) -> dict[str, Any]:
    body = {"purpose": PURPOSE, "code": code}
    school = world.program(f"checker.{world.area}-SCHOOL-1")
    return dict(school.json("POST", "/api/credential-checks", body, **{"Idempotency-Key": uuid.uuid4().hex}))


SCANNED = Step(
    ("CRD-1",),
    "电子社保卡作为凭证：培训学校扫一次，只知道“有效”、姓名和是否参保；同一个码扫第二次：{reason}",
    "The electronic card as a credential: a training school scans it once and learns that it is valid, the name and whether he is"
    " insured; the same code a second time: {reason}",
    scanned,
)
