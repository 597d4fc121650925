"""The last chapter: what is left for the demo's owner to do by hand. Somebody has just got his card and nothing is switched on
yet; and a premium waits to be paid through the bank."""

from __future__ import annotations

from typing import Any, Final

from sscard.sim.story import charges, holder
from sscard.sim.story.steps import Chapter, Step, must
from sscard.sim.story.switches import yuan
from sscard.sim.story.world import World

WHO: Final = "newcomer"
GIFT_FEN: Final = 50_000


def asleep(world: World) -> dict[str, Any]:
    """Money may come in, the guide names both switches, and he has a sign-in of his own."""
    hero = world.heroes[WHO]
    assert hero.plastic is not None
    teller = world.staff(f"teller.{world.place.branch}")
    done = teller.act("bank.deposit", amount_fen=GIFT_FEN, number=hero.plastic.pan)
    must(done["amount_fen"] == GIFT_FEN and "balance_fen" not in done, str(done))
    invited = world.staff("clerk").act("people.invite_holder", person=hero.public, identity_seen=True)
    kept = holder.sign_up(world, WHO, invited["code"])
    world.wallet.keep_person(kept, hero.body)
    world.wallet.keep_card(kept, hero.plastic)
    (card,) = world.holder(WHO).get("/api/my")["cards"]
    matters = [one["matter"] for one in card["todo"]]
    must(matters == ["enable", "bank_activation"], str(matters))
    return {"amount": yuan(GIFT_FEN)}


CHAPTER = Chapter(
    "留给您亲手办的",
    "Left for you to do by hand",
    (
        Step(
            ("ACT-1", "ACT-2"),
            "又一位居民刚领到卡，设好了登录：社保功能没启用，银行账户没激活，已有 {amount} 存进去，指引列着两件事。",
            "Another resident has just got his card and a sign-in: neither side is switched on, {amount} have been paid in,"
            " and the guide names both things to do.",
            asleep,
        ),
        Step(
            ("INS-2",),
            "征收清单导入：持卡人有一笔医疗保险费 {amount} 待缴（有错的一行逐项退回），绑定网上银行以后可以缴。",
            "The levy's list is read: the holder has a medical premium of {amount} to pay (the bad row comes back with every"
            " fault), which he can once his card is linked to on-line banking.",
            charges.charge_list,
        ),
    ),
)
