"""The journey of document 004: how the savings function is opened and activated, step by step as it numbers them."""

from __future__ import annotations

from sscard.sim.story import bank, online, savings, switches
from sscard.sim.story.documents import pick
from sscard.sim.story.steps import Chapter, Step, Story

BEFORE = Chapter("", "", (Step(("ISS-6",), "领到卡", "card in hand", savings.ready),))
ASK = Step(
    ("ACT-5",),
    "在柜台、打电话、上网各问一次，答案是同一句：“{said}”",
    "Asked at the counter, by phone and on-line, the answer is one sentence: “{said}”",
    savings.has_none,
)
ACTIVATION_FIRST = Chapter(
    "先问清楚：卡有没有储蓄功能",
    "First ask whether the card has the savings function",
    (
        ASK,
        Step(
            ("ACT-5", "SEC-1"),
            "来电人报的手机尾号不对：客服什么也不说。",
            "The caller names a wrong phone: the agent says nothing.",
            savings.wrong_caller,
            refused="bank.savings_caller",
        ),
    ),
    "1",
)
ONE = Chapter(
    "准备材料",
    "Prepare the papers",
    (
        Step(
            ("ACT-6",),
            "网上先看清单，每一样都写着要不要、为什么。{papers}。",
            "The list says of each paper whether it is needed and why. {papers}.",
            savings.begin,
        ),
    ),
    "1",
)
TWO = Chapter(
    "选择银行",
    "Choose the bank",
    (
        Step(
            ("ACT-10", "ACT-6"),
            "公开的对比表列出各家的功能、限额、收费（开办几项）：{banks}。",
            "The public list compares functions, limits and fees (functions offered): {banks}.",
            savings.compare,
        ),
        Step(
            ("ACT-10",),
            "想开在卡以外的银行。",
            "He wants another bank than the card's.",
            savings.other_bank,
            refused="bank.savings_other_bank",
        ),
        Step(
            ("ACT-10",),
            "同样想开通知存款，海棠市的建设银行不办，说明原因，并说出谁办。",
            "Notice deposits are refused by Haitang's CCB, with its reason and with who offers them.",
            savings.not_offered,
            refused="bank.savings_not_offered",
        ),
        Step(
            ("ACT-6", "ACT-10"),
            "在自己卡上的银行选好要开的功能。",
            "At his card's bank he chooses what he wants.",
            savings.choose,
        ),
    ),
    "2",
)
THREE = Chapter(
    "去柜台或自助终端",
    "To the counter or the terminal",
    (Step(("ACT-6",), "选了柜台和网点。", "He chooses the counter of an outlet.", savings.where),),
    "3",
)
FOUR = Chapter(
    "填写申请表",
    "Fill in the form",
    (
        Step(
            ("ACT-6",),
            "空着交：七处一次都指出来，说法一样的只念一遍。",
            "Handed in empty: all seven fields are named at once; what is said of several is read out once.",
            savings.bad_form,
            refused="kernel.form_faults",
        ),
        Step(("ACT-6",), "填好了。", "It is filled in.", savings.form),
        Step(
            ("ACT-5", "ACT-6"),
            "这时再问，三处都说办到哪一步了：“{said}”",
            "Asked again, all three say how far it is: “{said}”",
            savings.under_way,
        ),
    ),
    "4",
)
FIVE = Chapter(
    "核对身份",
    "Identity",
    (
        Step(
            ("ACT-6",),
            "别人的身份证。",
            "Somebody else's ID card.",
            savings.other_person,
            refused="bank.not_the_holder",
        ),
        Step(("ACT-6",), "复印件。", "A photocopy.", savings.copied_id, refused="bank.original_needed"),
        Step(
            ("ACT-6",),
            "本人、原件、本人的卡：一致。",
            "Himself, the original, his own card: they agree.",
            savings.identify,
        ),
    ),
    "5",
)
SIX = Chapter(
    "签署协议（《电子签名法》第三条：可以约定用或不用电子签名）",
    "Sign the agreement (Electronic Signature Law, Art. 3: to use electronic signatures or not)",
    (
        Step(
            ("ACT-6",),
            "他没有同意电子形式：不能签。",
            "He has not consented to the electronic form: nothing is signed.",
            savings.no_consent,
            refused="bank.savings_consent",
        ),
        Step(
            ("ACT-6",),
            "要纸质的，马上打印，效力一样。",
            "On paper it is printed at once, worth the same.",
            savings.on_paper,
        ),
        Step(
            ("ACT-6",),
            "他改主意签电子的：密码键盘做一把只用一次的钥匙，他看过、确认，银行盖章。校验码 {code}。",
            "He changes his mind: the pad makes a key for this once, he reads and confirms, the bank seals. Code {code}.",
            savings.sign,
        ),
        Step(
            ("ACT-6",),
            "任何人凭校验码能查真伪，只有他和银行拿得到文件。",
            "Anybody may check the code; only he and the bank get the file.",
            savings.others_check,
        ),
    ),
    "6",
)
SEVEN = Chapter(
    "办好，把卡和使用指南交到手里",
    "Done: the card and a guide in his hand",
    (
        Step(
            ("ACT-6",),
            "储蓄功能开通，指南打印好。",
            "The savings function is open, the guide printed.",
            savings.hand_over,
        ),
        Step(
            ("ACT-6",),
            "他在网上看到七步都已完成，协议和指南随时能下载。",
            "On-line he sees all seven steps done, and his papers.",
            savings.seen_by_him,
        ),
        Step(
            ("ACT-6",),
            "另一个人在自助终端上七步一次办完。",
            "Another holder takes all seven steps at the machine.",
            savings.at_machine,
        ),
        Step(
            ("ACT-5",),
            "再问：“{said}”{next}",
            "Asked again: “{said}” {next}",
            savings.has_it_asleep,
        ),
    ),
    "7",
)
ACTIVATE = Chapter(
    "激活：到发卡银行网点，带身份证和社保卡",
    "Activation: at the issuing bank with ID card and card",
    (
        Step(
            ("ACT-3",),
            "拿别人的身份证来激活。",
            "Activation with somebody else's ID card.",
            bank.other_person,
            refused="bank.not_the_holder",
        ),
        Step(("ACT-3",), "本人激活成功。", "He activates it himself.", savings.wake),
        Step(("ACT-5",), "再问：“{said}”", "Asked again: “{said}”", savings.has_it),
    ),
    "2",
)
ON_LINE = Chapter(
    "激活后，在网上银行、手机银行设置和管理",
    "Afterwards: the bank's website and app",
    (
        Step(("ACT-7",), "先存进 {amount}。", "First {amount} are paid in.", switches.deposit_asleep),
        *pick(
            online.CHAPTER,
            online.enrol,
            online.set_up,
            online.signed_in,
            online.balance,
            online.send,
            online.found_again,
        ),
        Step(
            ("BNK-1", "ACT-7"),
            "充值：从别家银行的卡转入 {amount}，单子马上看得到；那家银行付了才到账，不是他本人的卡不会付。",
            "Top-up: {amount} from a card at another bank. The order is shown at once; the money is there when that bank has"
            " paid, and it pays from his own card only.",
            online.top_up,
        ),
    ),
    "3",
)


def four(_area: str) -> Story:
    """Document 004: how to activate the savings function. Its activation has three steps, its opening seven."""
    return Story(
        "文档 004：社保卡的储蓄功能怎么激活？",
        "Document 004: how to activate the savings function of the social security card?",
        (ACTIVATION_FIRST, ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, ACTIVATE, ON_LINE),
        (BEFORE,),
    )
