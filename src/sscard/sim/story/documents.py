"""The journeys that documents 001 and 003 tell, step by step as they number them; what is not built yet is told as later."""

from __future__ import annotations

from typing import Any

from sscard.sim.story import bank, collect, holder, issue, online, switches
from sscard.sim.story.credential import SCANNED
from sscard.sim.story.steps import Chapter, Do, Later, Step, Story, must
from sscard.sim.story.world import World


def pick(chapter: Chapter, *wanted: Do) -> tuple[Step, ...]:
    """The steps of a chapter that do these things, in the order wanted here."""
    found = {step.do: step for step in chapter.steps if isinstance(step, Step)}
    return tuple(found[one] for one in wanted)


def without(chapter: Chapter, *not_wanted: Do) -> Chapter:
    kept = tuple(step for step in chapter.steps if not (isinstance(step, Step) and step.do in not_wanted))
    return Chapter(chapter.zh, chapter.en, kept)


def mark(world: World) -> dict[str, Any]:
    """The card's picture at the desk says where the bank's mark is."""
    shown = switches.card_of(world)["picture"]
    must(shown["bank_code"] == world.place.bank, str(shown))
    return {"bank": shown["bank_name"], "look": shown["where_to_look"]}


MARK = Step(
    ("ACT-4",),
    "卡面图上写明服务银行（{bank}）。{look}",
    "The picture of the card tells its bank ({bank}). {look}",
    mark,
)
ISSUED = (issue.apply, issue.check, issue.batch, issue.bank_answers)
BANK_STEPS = Chapter("", "", (*bank.REFUSED, bank.FAR, bank.COUNTER, *bank.MONEY))
QUIET_ISSUE = Chapter("", "", pick(issue.CHAPTER, *ISSUED))


def one(_area: str) -> Story:
    """Document 001: does the card need to be activated in the bank?"""
    articles = (
        Chapter(
            "制卡机构：安全的环境、数据和密钥（《办法》第十一条）",
            "The producer: safe premises, data and keys (card measures, Art. 11)",
            pick(issue.CHAPTER, issue.unqualified, issue.release, issue.damaged, issue.returned, issue.stock),
        ),
        Chapter(
            "测试卡先行（《办法》第十二条）",
            "Test cards first (card measures, Art. 12)",
            (
                *pick(issue.CHAPTER, issue.untested_product),
                Later(("ISS-8",), "测试卡的标准、安全和跨地区检验", "the three examinations of test cards"),
            ),
        ),
        Chapter(
            "方便持卡人的发放（《办法》第十三条）",
            "Distribution for the holder's convenience (card measures, Art. 13)",
            (
                *pick(issue.CHAPTER, issue.same_person_receives, issue.at_outlet, issue.hand_over),
                Later(
                    ("ISS-9",),
                    "单位、社区领取，邮寄，即时制卡",
                    "pick-up at employer or community, post, instant issue",
                ),
            ),
        ),
    )
    journey = (
        Chapter(
            "账户已有号码，没有激活：只进不出",
            "The account has a number and is not active: money comes in only",
            pick(
                switches.CHAPTER,
                switches.guide_first,
                switches.enable_both,
                switches.deposit_asleep,
                switches.withdraw_asleep,
                switches.social_works,
            ),
            "1",
        ),
        Chapter(
            "带社保卡和身份证原件，到卡上银行的网点激活、设密码",
            "With card and original ID card, at a branch of the bank on the card: activation and password",
            (
                *pick(BANK_STEPS, bank.other_bank, bank.id_copy, bank.at_counter, bank.withdraw),
                *pick(
                    online.CHAPTER,
                    online.enrol,
                    online.set_up,
                    online.signed_in,
                    online.balance,
                    online.send,
                    online.found_again,
                ),
            ),
            "2",
        ),
        Chapter(
            "用处一：记录、凭证、查询",
            "Function 1: records, certificate, inquiry",
            (
                *pick(
                    holder.CHAPTER,
                    holder.contributions,
                    holder.invited,
                    holder.first_sign_in,
                    holder.my_card,
                    holder.looks,
                ),
                SCANNED,
            ),
        ),
        Chapter("用处二：本人的基本信息", "Function 2: basic information", pick(holder.CHAPTER, holder.my_facts)),
        Chapter(
            "用处三：查五险缴费",
            "Function 3: contributions of the five insurances",
            pick(holder.CHAPTER, holder.my_record),
        ),
        Chapter(
            "用处四：看病、药店买药",
            "Function 4: hospital and pharmacy",
            (Later(("MED-1",), "定点医院和药店的实时结算", "real-time settlement at hospitals and pharmacies"),),
        ),
        Chapter(
            "用处五：办理各项社保事务",
            "Function 5: social security affairs",
            (Later(("SRV-3", "SRV-4", "SRV-6", "SRV-7"), "窗口、终端、网上办理", "at counter, terminal and on-line"),),
        ),
        Chapter(
            "用处六：查养老、医保的总额",
            "Function 6: the totals of pension and medical insurance",
            pick(holder.CHAPTER, holder.two_totals, holder.side_by_side, holder.bureau_sees_no_balance),
        ),
        Chapter(
            "用处七：领养老金、求职、失业登记、职业培训",
            "Function 7: pension, job hunting, unemployment registration, training",
            (Later(("SRV-1", "SRV-2", "SRV-5", "SRV-9"), "待遇与就业服务", "benefits and employment services"),),
        ),
        Chapter(
            "用处八：水电费、公交、电子钱包",
            "Function 8: water, electricity, bus, electronic wallet",
            (Later(("ACT-9",), "缴费、乘车、钱包", "bills, fares, wallet"),),
        ),
    )
    return Story(
        "文档 001：社保卡需要到银行激活吗？",
        "Document 001: does the social security card need to be activated in the bank?",
        (*articles, *journey),
        (collect.CHAPTER, QUIET_ISSUE),
    )


def three(area: str) -> Story:
    """Document 003: which bank should the card be activated at?"""
    far = (bank.far_outlet,) if area == "990100" else ()
    before = (
        collect.CHAPTER,
        issue.CHAPTER,
        Chapter("", "", pick(switches.CHAPTER, switches.deposit_asleep, switches.enable_both)),
    )
    chapters = (
        Chapter(
            "问清是哪家银行，看卡面左上角的标志",
            "Ask which bank it is, look at the mark on the card",
            (*pick(issue.CHAPTER, issue.which_bank), MARK, *pick(BANK_STEPS, *far)),
        ),
        Chapter(
            "带身份证原件到卡上的银行",
            "With the original ID card to the bank on the card",
            pick(BANK_STEPS, bank.other_bank, bank.id_copy, bank.other_person),
            "1",
        ),
        Chapter(
            "在自助机上放身份证、插卡，按提示激活",
            "At the self-service machine: ID card, card, and as it prompts",
            bank.machine(area),
            "2",
        ),
        Chapter(
            "也可以请柜台人员激活，然后当银行卡用",
            "Or staff activate it, and it is used like a bank card",
            pick(BANK_STEPS, bank.at_counter, bank.withdraw, bank.balance),
            "3",
        ),
        Chapter(
            "到定点医院、药店结算个人账户",
            "Settlement from the personal account at hospitals and pharmacies",
            (Later(("MED-1", "NAT-1"), "医院和药店实时结算，异地也能用", "real-time settlement, elsewhere too"),),
            "4",
        ),
        Chapter(
            "医保账户的钱不能取现、不能转账",
            "Medical money is neither withdrawn nor transferred",
            (
                *pick(
                    holder.CHAPTER, holder.contributions, holder.invited, holder.first_sign_in, holder.side_by_side,
                    holder.bureau_sees_no_balance,
                ),
                Later(("ACT-8",), "凭密码在终端上用医保账户", "medical money spent by password at a terminal"),
            ),
        ),
        Chapter(
            "经办机构和服务网点（《社会保险法》第七十二条）",
            "Agencies and service outlets (Social Insurance Law, Art. 72)",
            (Later(("INS-4",), "设立网点的两项批准、经费同级财政保障", "two approvals for an outlet, costs borne by finance"),),
        ),
    )  # fmt: skip
    return Story(
        "文档 003：社保卡应该在哪家银行激活？",
        "Document 003: which bank should the social security card be activated at?",
        chapters,
        before,
    )
