"""What residents have to pay themselves, as the levy hands it over: a list with one good row and one that is wrong."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from sscard.sim.story import pensions
from sscard.sim.story.steps import must
from sscard.sim.story.switches import yuan
from sscard.sim.story.world import World

CHARGE_FEN = 38_000


def charge_list(world: World) -> dict[str, Any]:
    """The levy's list of what residents have to pay themselves; a bad row comes back with its faults."""
    year = date.today().year + 1  # noqa: DTZ011 - a year more or less
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["证件号码", "姓名", "险种", "征缴编号", "费款所属期起", "费款所属期止", "应缴金额", "缴费截止日"])
    number = world.facts.setdefault("charge_number", f"ZJ{world.hero.body.id_number[-6:]}{world.hero.card[:6].upper()}")
    good = [world.hero.body.id_number, world.hero.body.name, "医疗保险", number, f"{year}01", f"{year}12", "380.00",
            f"{year}-02-28"]  # fmt: skip
    lines.writerow(good)
    lines.writerow([*good[:3], "?", "2027", "", "-1", "no day"])
    done = pensions.post(world, f"charges-{world.area}.csv", text.getvalue().encode(), "charges")
    must(done["bad"] == 1 and done["new"] + done["same"] + done["changed"] == 1, str(done))
    return {"number": world.shown(number), "amount": yuan(CHARGE_FEN)}
