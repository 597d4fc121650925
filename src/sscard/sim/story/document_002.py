"""The journey of document 002: how the card is bound to on-line banking, step by step as it numbers them."""

from __future__ import annotations

from sscard.sim.story import bank, charges, collect, documents, holder, issue, linking, online, switches
from sscard.sim.story.steps import Chapter, Step, Story

ROW = ("BND-2",)
CONNECT = Step(
    ("BND-2",),
    "银行先成为社保局的接入方：密钥在银行生成，公钥登记到社保局",
    "the bank becomes a client of the bureau: keys made at the bank, the public one registered",
    linking.bank_client,
)
CHARGES = Step(
    ("INS-2",),
    "征收清单导入：应缴 {amount} 元；有错的一行逐项退回",
    "the levy's list is read: {amount} to be paid; the bad row comes back with every fault",
    charges.charge_list,
)
ONE = Chapter(
    "了解：绑定是把社保卡和本人的网上银行连起来，不是换成别的银行卡",
    "What it is: the card linked to one's own on-line banking, not exchanged for another bank card",
    (
        Step(
            ("BND-1",),
            "想换成别家银行的卡：拒绝，并说明卡上自己有账户、可以怎么办",
            "another bank's card in place of its account: refused, with why and what can be done",
            linking.card_to_card,
            refused="binding.card_to_card",
        ),
        CONNECT,
        CHARGES,
    ),
    "1",
)
TWO = Chapter(
    "准备材料：社保卡、身份证、银行账户",
    "Prepare: the card, the ID card, a bank account",
    (
        Step(
            ROW,
            "三样都齐；付款账户尾号 {account}",
            "all three are there; paying account ends in {account}",
            linking.materials,
        ),
    ),
    "2",
)
THREE = Chapter(
    "登录网上银行，选“社保卡绑定”，填写信息",
    "Log in, choose “social security card binding”, fill in",
    (
        Step(ROW, "身份证号码不是这张卡的", "the ID number is not this card's", linking.wrong_identity,
             refused="bank.link_refused"),
        Step(ROW, "卡号不存在：同一句话", "no such card: the same sentence", linking.unknown_card,
             refused="bank.link_refused"),
        Step(ROW, "别人的付款账户", "somebody else's paying account", linking.others_account, refused="control.not_found"),
        Step(ROW, "核对后提交；地址栏里没有任何号码", "checked and sent; no number stands in the address", linking.submit),
    ),
    "3",
)  # fmt: skip
FOUR = Chapter(
    "验证身份，完成绑定",
    "Prove yourself, and the card is bound",
    (
        Step(ROW, "短信验证码先输错一次，再输对", "the SMS code: once wrong, then right", linking.verify),
        Step(ROW, "绑定成功", "the card is bound", linking.bound),
        Step(ROW, "社保局的同一份答复再用一次", "the bureau's same answer once more", linking.twice,
             refused="bank.link_request_over"),
        Step(ROW, "再绑一次", "binding it again", linking.already, refused="bank.link_refused"),
        Step(ROW, "电子授权书可以下载，有社保局的电子签章", "the authorisation, sealed by the bureau, can be fetched",
             linking.paper),
    ),
    "4",
)  # fmt: skip
FIVE = Chapter(
    "在网上银行查社保、缴费",
    "Social insurance in on-line banking",
    (
        Step(("BND-3",), "卡状态、参保状态、五险记录、两个总额都看得到", "card, insurance, five records and two totals are shown",
             linking.looks),
        Step(("BND-3", "INS-2"), "选一笔费用，核对金额、再验证一次，缴了 {amount}，拿到凭证",
             "one charge: amount checked, proved once more, {amount} paid and receipted", linking.pays),
        Step(("BND-3",), "再缴一次", "paying it again", linking.pays_again, refused="bank.charge_not_open"),
        Step(("BND-3",), "社保局那边也看得到已缴", "the bureau sees it paid", linking.bureau_sees),
        Step(ROW, "解除绑定", "un-bound", linking.unbind),
        Step(ROW, "解除以后什么也看不到", "nothing can be seen after that", linking.after_unbinding,
             refused="bank.link_ended"),
    ),
    "5",
)  # fmt: skip


def two(area: str) -> Story:
    """Document 002: how to bind the social security card to on-line banking."""
    before = (
        collect.CHAPTER,
        issue.CHAPTER,
        switches.CHAPTER,
        bank.chapter(area),
        Chapter("", "", documents.pick(holder.CHAPTER, holder.contributions, holder.invited, holder.first_sign_in)),
        Chapter("", "", documents.pick(online.CHAPTER, online.enrol, online.set_up, online.signed_in)),
    )
    return Story(
        "怎样把社会保障卡绑定到网上银行",
        "How to bind the social security card to on-line banking",
        (ONE, TWO, THREE, FOUR, FIVE),
        before,
    )
