"""The rows of the mission that the story touches, and of those that are not finished: which part is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    zh: str
    en: str


ROWS = (
    "ISS-1", "ISS-3", "ISS-5", "ISS-6", "ISS-7", "SEC-1", "ACT-1", "ACT-2", "ACT-3", "ACT-4", "ACT-5", "ACT-6",
    "ACT-7", "ACT-10", "BNK-1", "BND-1", "BND-2", "BND-3", "CRD-1", "INS-1", "INS-2",
)  # fmt: skip
"""In the order of the mission."""

PARTS = {
    "ISS-6": Part("直路：申领到领卡", "the straight path: from application to hand-over"),
    "ISS-7": Part("加密签名的数据包、回盘、封签箱", "sealed package, signed return, sealed boxes"),
    "SEC-1": Part("谁看过、掩码、同样的“没有”", "who looked, masks, the same answer for missing and forbidden"),
    "ACT-1": Part("启用与激活是两件事，办事指引", "enabling and activation are two acts; the guide"),
    "ACT-2": Part("柜台、自助终端、网上", "counter, kiosk, on-line"),
    "ACT-7": Part("网上：余额、明细、转账、限额", "on-line: balance, statement, transfer, limits"),
    "BNK-1": Part(
        "登录、储蓄各项业务、社保卡入口；绑定见002", "log-in, savings, the entry to the card; binding: document 002"
    ),
    "INS-2": Part("导入的征收清单，经银行缴纳", "charges of an imported list, paid through the bank"),
    "ACT-4": Part("网上与卡面图；电话以后", "on-line and the card's picture; by phone later"),
}
