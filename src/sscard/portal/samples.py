"""Sample facts for the gallery: nobody's data, in both languages. Numbers are of the demo's unassigned districts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpRequest

from sscard.kernel.masked import mask_card, mask_id
from sscard.portal import tables
from sscard.portal.shapes import (
    Act,
    Answer,
    Balance,
    CardFace,
    Contribution,
    Device,
    Field,
    Link,
    Notice,
    Part,
    Progress,
    Station,
    Switch,
    Task,
    Tile,
    Who,
)

ID_NUMBER = "090101195103080028"


class Samples:
    """Each method is one component's facts in the language that was asked for."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def say(self, zh: str, en: str) -> str:
        return en if self.lang == "en" else zh

    def frame(self, portal: str) -> dict[str, Any]:
        """Navigation, breadcrumbs and signed-in person of a portal."""
        s = self.say
        entries = {
            "holder": [
                ("我的卡", "My card"),
                ("缴费记录", "Contributions"),
                ("谁看过我的记录", "Who looked"),
                ("办事指南", "Guide"),
            ],
            "desk": [
                ("窗口", "Counter"),
                ("申请", "Applications"),
                ("待领的卡", "Cards to hand over"),
                ("批量导入", "Imports"),
                ("疑似重复", "Duplicates"),
            ],
        }[portal]
        people = {
            "holder": Who("秦**", s("持卡人", "Holder"), "", "/gallery/"),
            "desk": Who(
                s("窗口甲", "Clerk A"), s("经办", "Clerk"), s("云溪市社保中心", "Yunxi service centre"), "/gallery/"
            ),
        }
        return {
            "nav": [Link(s(zh, en), "/gallery/", index == 0) for index, (zh, en) in enumerate(entries)],
            "who": people[portal],
            "area_name": s("云溪市", "Yunxi"),
        }

    def card(self, mark: str = "front_upper_left") -> CardFace:
        s = self.say
        ccb = mark == "front_upper_left"
        return CardFace(
            area_name=s("云溪市", "Yunxi") if ccb else s("海棠市", "Haitang"),
            name="秦**",
            social_number=mask_id(ID_NUMBER),
            card_number="9******28",
            issued=date(2026, 11, 2),
            valid_until=date(2036, 11, 1),
            bank_code="CCB" if ccb else "ABC",
            bank_name=s("建设银行", "CCB") if ccb else s("农业银行", "ABC"),
            bank_number=mask_card("9217000012345678"),
            bank_mark=mark,
            bank_phone="95533" if ccb else "95599",
        )

    def stations(self, wrong: bool = False) -> list[Station]:
        s = self.say
        centre, outlet = s("云溪市社保中心", "Yunxi service centre"), s("云溪北街网点", "Yunxi North Street outlet")
        way = [
            Station(s("已申请", "Applied"), "done", date(2026, 10, 12), outlet),
            Station(s("已审核", "Checked"), "done", date(2026, 10, 13), centre),
            Station(s("已制卡", "Made"), "done", date(2026, 10, 28), s("云锦制卡厂", "Yunjin card works")),
            Station(s("到网点", "At the outlet"), "done", date(2026, 11, 2), outlet),
            Station(s("已领卡", "Handed over"), "done", date(2026, 11, 6), outlet),
            Station(
                s("已启用", "Enabled"),
                "done",
                date(2026, 11, 6),
                outlet,
                s("社保功能可以用了", "Social security works"),
            ),
            Station(s("激活银行功能", "Activate the bank side"), "now"),
        ]
        if wrong:
            made = Station(
                s("制卡", "Making"),
                "wrong",
                date(2026, 10, 28),
                s("云锦制卡厂", "Yunjin card works"),
                s("芯片写入失败，已安排重做", "The chip could not be written; it is being made again"),
            )
            later = [Station(stop.label, "later") for stop in way[3:]]
            return [*way[:2], made, *later]
        return way

    def stations_wrong(self) -> list[Station]:
        return self.stations(wrong=True)

    def parts_label(self) -> str:
        return self.say("门诊结算", "Out-patient settlement")

    def more(self) -> list[Link]:
        """The sample pages."""
        names = (
            "holder",
            "desk",
            "check",
            "done",
            "terminal",
            "terminal/devices",
            "receipt",
            "work",
            "error/404",
            "error/409",
            "error/503",
        )
        return [Link(name, f"/gallery/{name}/") for name in names]

    def switches(self) -> dict[str, Switch]:
        s = self.say
        return {
            "social": Switch(
                "social",
                True,
                s("正常", "Normal"),
                s("看病、领待遇、查记录都可以用。", "Care, benefits and records all work."),
                "good",
            ),
            "bank": Switch(
                "bank",
                False,
                s("未激活", "Not activated"),
                s(
                    "账户睡着，只能存入。带身份证原件和卡，到建设银行的网点激活。",
                    "The account is asleep and only takes deposits. Bring your ID card and this card to a CCB branch.",
                ),
                "wait",
                s("看去哪里激活", "Where to activate it"),
                "/gallery/",
            ),
        }

    def balances(self) -> dict[str, Balance]:
        s = self.say
        return {
            "medical": Balance(
                "medical",
                s("医保个人账户", "Medical account"),
                286_350,
                s("可用", "Usable"),
                s("看病买药时凭社保密码支付。", "Pays for care and medicine with your social-security password."),
                (s("定点医院、药店", "Designated hospitals and pharmacies"),),
                (s("取现金、转账", "Cash and transfers"),),
                "good",
                date(2026, 11, 20),
            ),
            "bank": Balance(
                "bank",
                s("银行账户", "Bank account"),
                None,
                s("睡着，只收不付", "Asleep, takes deposits"),
                s(
                    "激活以前能存进来，不能取、不能转，也不显示余额。",
                    "Until it is activated money can come in; nothing goes out and no balance is shown.",
                ),
                (s("接收待遇、工资、存款", "Benefits, wages and deposits coming in"),),
                (s("取款、转账、消费、查余额", "Withdrawal, transfer, purchase, balance"),),
                "wait",
            ),
        }

    def contributions(self) -> list[Contribution]:
        """Ten months; September missing, August paid late, October's medical part owed."""
        amounts = {
            "pension": (96_000, 48_000),
            "medical": (54_000, 12_000),
            "unemployment": (3_000, 3_000),
            "injury": (2_400, 0),
            "maternity": (4_200, 0),
        }
        found = []
        for number in (1, 2, 3, 4, 5, 6, 7, 8, 10):
            for insurance, (employer, person) in amounts.items():
                state = "late" if number == 8 else "owed" if number == 10 and insurance == "medical" else "paid"
                found.append(Contribution(2026 * 100 + number, insurance, employer, person, state))
        return found

    def acts(self) -> list[Act]:
        s = self.say
        return [
            Act(
                s("领卡", "Hand the card over"),
                "/gallery/",
                primary=True,
                hint=s("卡在本网点 B-07 抽屉", "The card lies in drawer B-07"),
            ),
            Act(s("更正手机号", "Correct the phone number"), "/gallery/"),
            Act(
                s("启用社保功能", "Enable the social-security side"),
                allowed=False,
                reason=s("卡还没有领走，领卡时一起启用。", "The card has not been handed over; it is enabled then."),
                next_label=s("先办领卡", "Hand it over first"),
                next_url="/gallery/",
            ),
            Act(
                s("补办新卡", "Replace the card"),
                allowed=False,
                reason=s(
                    "一人只能有一张有效的卡，这张卡还有效。", "One person has one live card, and this one is live."
                ),
                next_label=s("丢了要先挂失", "Report a loss first"),
                next_url="/gallery/",
            ),
        ]

    def tasks(self) -> list[Task]:
        s = self.say
        return [
            Task(s("领到卡", "Get the card"), "done"),
            Task(
                s("启用社保功能", "Enable the social-security side"),
                "done",
                hint=s("领卡时在网点一起办好", "Done at the outlet with the hand-over"),
            ),
            Task(
                s("激活银行功能", "Activate the bank side"),
                "now",
                "/gallery/",
                s("到建设银行网点，约 10 分钟", "At a CCB branch, about 10 minutes"),
            ),
            Task(s("办理待遇发放", "Receive benefits on it"), "later", hint=s("激活以后才能办", "After activation")),
        ]

    def tiles(self) -> list[Tile]:
        s = self.say
        return [
            Tile(
                s("待审核的申请", "Applications to review"),
                "18",
                "/gallery/",
                s("最久的等了 2 天", "the oldest waits 2 days"),
                "wait",
                (31, 28, 30, 26, 22, 19, 18),
            ),
            Tile(
                s("在制的卡", "Cards being made"),
                "1,204",
                "/gallery/",
                s("2 个批次", "2 batches"),
                "plain",
                (900, 950, 1000, 1100, 1204),
            ),
            Tile(
                s("网点库存", "In stock here"),
                "236",
                "/gallery/",
                s("12 张超过 60 天没人领", "12 uncollected for 60 days"),
                "plain",
                (280, 275, 262, 250, 236),
            ),
            Tile(
                s("制卡失败", "Failed in making"),
                "3",
                "/gallery/",
                s("等重做", "to be made again"),
                "bad",
                (0, 1, 1, 0, 3),
            ),
            Tile(s("今天领卡", "Handed over today"), "41", "/gallery/", "", "good", (22, 37, 40, 29, 41)),
        ]

    def devices(self) -> list[Device]:
        s = self.say
        return [
            Device(
                "id_reader",
                "done",
                s("身份证已读到：秦**，证件在有效期内。", "ID card read: 秦**, within its validity."),
            ),
            Device("card_slot", "waiting", s("请把社保卡芯片朝前插入。", "Insert the card, chip first.")),
            Device("pin_pad", "idle", s("下一步由持卡人自己输入密码。", "Next, the holder enters the password.")),
            Device(
                "camera",
                "refused",
                s(
                    "照片和本人对不上，请摘下口罩再拍一次。",
                    "The face does not fit the photo; take off the mask and try again.",
                ),
            ),
        ]

    def answers(self) -> list[Answer]:
        s = self.say
        return [
            Answer(s("姓名", "Name"), "秦**"),
            Answer(s("手机号", "Phone"), "913****0000", "/gallery/"),
            Answer(
                s("服务银行", "The card's bank"),
                s("中国建设银行", "China Construction Bank"),
                "/gallery/",
                s("以后更换要换卡", "Changing it later means another card"),
            ),
            Answer(s("领卡地点", "Where to collect"), s("云溪北街网点", "Yunxi North Street outlet"), "/gallery/"),
        ]

    def fields(self) -> list[Field]:
        s = self.say
        return [
            Field(
                "id_number",
                s("社会保障号码（身份证号）", "Social security number (ID number)"),
                hint=s("18 位，最后一位可能是 X", "18 places, the last may be X"),
                width="20",
                maxlength=18,
            ),
            Field(
                "phone",
                s("手机号", "Phone"),
                "phone",
                s("用来通知您领卡", "We tell you here when the card can be collected"),
                width="20",
            ),
            Field(
                "bank",
                s("选一家银行", "Choose a bank"),
                "radio",
                options=(
                    (
                        "CCB",
                        s("建设银行", "China Construction Bank"),
                        s("本市 12 个网点可以激活", "12 branches in this city can activate it"),
                    ),
                    (
                        "ICBC",
                        s("工商银行", "ICBC"),
                        s("本市 9 个网点可以激活", "9 branches in this city can activate it"),
                    ),
                ),
            ),
            Field(
                "outlet",
                s("到哪里领卡", "Where to collect it"),
                "select",
                options=(
                    ("1", s("云溪北街网点", "North Street outlet"), ""),
                    ("2", s("云溪东门网点", "East Gate outlet"), ""),
                ),
            ),
            Field("note", s("备注", "Remark"), "textarea", required=False),
        ]

    def parts(self) -> list[Part]:
        s = self.say
        return [
            Part(s("统筹基金支付", "Paid by the pool"), 68_420),
            Part(s("个人账户支付", "Medical account"), 21_300),
            Part(s("自己付", "You pay"), 8_000),
        ]

    def work(self) -> Progress:
        return Progress(7_412, 38, 10_000, "/gallery/", datetime(2026, 11, 21, 3, 0, tzinfo=UTC))

    def notices(self) -> list[Notice]:
        s = self.say
        return [
            Notice(
                s("手机号已更正", "The phone number is corrected"),
                s("领卡时会发短信到新号码。", "News about your card goes to the new number."),
            ),
            Notice(
                s("卡 60 天内到期", "The card ends within 60 days"),
                s(
                    "现在可以换新卡，旧卡在新卡启用前照常使用。",
                    "You can renew it now; the old card works until the new one is enabled.",
                ),
                "wait",
                "/gallery/",
                s("换新卡", "Renew it"),
            ),
        ]

    def table(self, request: HttpRequest) -> tables.Table:
        s = self.say
        columns = (
            tables.Column("number", s("批次号", "Batch"), "code"),
            tables.Column("bank", s("银行", "Bank")),
            tables.Column("made_on", s("下单日期", "Ordered"), "day"),
            tables.Column("cards", s("张数", "Cards"), "number"),
            tables.Column("fee", s("工本费", "Cost"), "money"),
            tables.Column("state", s("状态", "State"), "state", sortable=False),
        )
        states = ("gallery.state.normal", "gallery.state.making", "gallery.state.stopped")
        rows = [
            tables.Row(
                {
                    "number": f"990100-{index:04d}",
                    "bank": ("CCB", "ICBC", "ABC")[index % 3],
                    "made_on": date(2026, 10, 1 + index),
                    "cards": 1200 - index * 37,
                    "fee": (1200 - index * 37) * 1250,
                    "state": states[index % 3],
                },
                "/gallery/",
                "bad" if index % 3 == 2 else "plain",
            )
            for index in range(12)
        ]
        return tables.table_of(
            request,
            s("制卡批次", "Production batches"),
            columns,
            rows,
            sort="-made_on",
            per_page=5,
            export_url="/gallery/",
            filter_hint=s("批次号或银行", "Batch or bank"),
            empty_text=s(
                "审核通过的申请会自动进入下一个批次。", "Approved applications go into the next batch by themselves."
            ),
        )

    def empty_table(self, request: HttpRequest) -> tables.Table:
        s = self.say
        return tables.table_of(
            request,
            s("待领的卡", "Cards to hand over"),
            (),
            (),
            prefix="e",
            filterable=False,
            empty_text=s("卡到网点后会出现在这里。", "Cards appear here when they arrive at the outlet."),
            empty_url="/gallery/",
            empty_label=s("看在途的卡", "See cards in transit"),
        )
