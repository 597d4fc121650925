"""The journey of document 000, an overview: who issues cards, to whom, what they do, and what they cannot be bound to."""

from __future__ import annotations

from sscard.sim.story import bank, collect, holder, issue, linking, switches
from sscard.sim.story.documents import pick
from sscard.sim.story.steps import Chapter, Later, Step, Story

CHAPTERS = (
    Chapter(
        "社保卡不能绑定成银行卡：它自己就有银行账户",
        "The card cannot be bound to a bank card: it has a bank account of its own",
        (
            Step(
                ("BND-1",),
                "想换成别家银行的卡：拒绝，并说明原因和办法",
                "another bank's card in its place: refused, with the reason and what can be done",
                linking.card_to_card,
                refused="binding.card_to_card",
            ),
        ),
    ),
    Chapter(
        "谁发卡：经批准的省、市人力资源社会保障部门，别的单位不能发",
        "Who issues: approved provincial and municipal departments, and nobody else",
        (
            *pick(issue.CHAPTER, issue.unqualified),
            Later(("ISS-1", "ISS-2"), "发卡批准的材料审查", "the dossier of approval"),
        ),
    ),
    Chapter(
        "发给谁：职工、失业、退休人员和居民的个人卡",
        "To whom: personal cards for employees, unemployed, retirees and residents",
        (*pick(holder.CHAPTER, holder.my_facts), Later(("ISS-4",), "用人单位卡", "employer cards")),
    ),
    Chapter(
        "做什么用：记录、查询",
        "What it does: records and inquiry",
        (*pick(holder.CHAPTER, holder.my_card, holder.my_record, holder.two_totals, holder.looks),),
    ),
    Chapter(
        "做什么用：看病结算、养老、失业、培训、工伤",
        "What it does: medical settlement, pension, unemployment, training, work injury",
        (
            Later(("MED-1",), "定点医院和药店的实时结算", "real-time settlement at hospitals and pharmacies"),
            Later(
                ("SRV-1", "SRV-2", "SRV-3", "SRV-4", "SRV-5"),
                "窗口、终端、网上办理",
                "at counter, terminal and on-line",
            ),
        ),
    ),
    Chapter(
        "安全、完整、公益，全国通用",
        "Safe, complete, for the public good, good in the whole country",
        (
            *pick(holder.CHAPTER, holder.side_by_side, holder.bureau_sees_no_balance),
            Later(
                ("NAT-1",), "外地的窗口、医院、药店认这张卡", "counters, hospitals and pharmacies elsewhere accept it"
            ),
        ),
    ),
)


def nought(area: str) -> Story:
    """Document 000: how to bind the social security card to the bank card?"""
    rest = (collect.CHAPTER, issue.CHAPTER, switches.CHAPTER, bank.chapter(area), holder.CHAPTER)
    return Story(
        "怎样把社会保障卡绑定到银行卡？",
        "How to bind the social security card to the bank card?",
        CHAPTERS,
        rest,
    )
