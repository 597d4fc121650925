"""A test card's report as evidence for the ministry's office (管理办法 Article 12): which product was examined for whom, what of
the two audits that a program can run has been shown, and the file's two forms: JSON with a signature beside it, and PDF.

The third audit, of safety (安全审查), is the ministry's own; what the suite sees of a card's safety is among the items of the
standards audit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sscard import __version__
from sscard.chip.conformance import lists
from sscard.chip.conformance.lists import LATEST, ItemList
from sscard.chip.conformance.report import Report
from sscard.chip.conformance.suite import items_of

FORM = "sscard-test-card/1"
CONFORMANCE, CROSS_AREA = "conformance", "cross_area"
UNIVERSALITY = ("OPENING", "ID_CODE", "FACTORS", "INTERNAL_AUTH", "UNIVERSAL")
"""Items of the cross-region universality test; all others, and these but the last, are the standards audit."""
OUTCOMES = {
    "passed": "通过 passed",
    "failed": "不通过 failed",
    "skipped": "未做 not run",
    "not_applicable": "不适用 not applicable",
    "incomplete": "未做完 incomplete",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What lies on the test bench, as the area pack's permit names it, and who asked for the examination. `plant` made the
    card in its normal production environment."""

    supplier: str
    product: str
    chip: str
    cos: str
    plant: str
    asked_by: str


def audits(
    version: str, outcomes: Mapping[str, str], choices: Mapping[str, Any], judged_by: ItemList = LATEST
) -> dict[str, str]:  # fmt: skip
    """Of each audit: passed, failed, or incomplete where an item of it did not run. `outcomes`: item → its outcome;
    `choices`: name → value. An item is not applicable by a choice that the report names, never by its own word. Items that came
    after the list `judged_by` count only where they ran and failed."""
    later = {one.code for one in items_of(version) if one.since > judged_by.number}
    listed = ["OPENING", *(one.code for one in items_of(version))]
    codes = [code for code in listed if code not in later or outcomes.get(code) == "failed"]
    left_out = {one.code for one in items_of(version) if one.left_out_by(choices)}
    parts = {CONFORMANCE: [code for code in codes if code != "UNIVERSAL"], CROSS_AREA: UNIVERSALITY}
    right = {code: {"passed", "not_applicable"} if code in left_out else {"passed"} for code in codes}
    return {
        name: _verdict([_seen(outcomes.get(code, "skipped"), right[code]) for code in part])
        for name, part in parts.items()
    }


def _seen(outcome: str, right: set[str]) -> str:
    return "passed" if outcome in right else outcome


def _verdict(found: list[str]) -> str:
    if "failed" in found:
        return "failed"
    return "passed" if set(found) == {"passed"} else "incomplete"


def body(report: Report, subject: Subject) -> dict[str, Any]:
    """The report as data. Nothing in it belongs to a holder."""
    found = {one.code: one.outcome for one in report.results}
    about = {"form": FORM, "software": __version__, "subject": asdict(subject)}
    chosen = {name: one["value"] for name, one in report.choices.items()}
    judged_by = lists.in_force(report.at)
    verdicts = audits(report.version, found, chosen, judged_by)
    return {**about, "list": judged_by.name, "audits": verdicts, **report.as_dict()}


def as_file(told: Mapping[str, Any]) -> bytes:
    """The very bytes that are signed."""
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def digest(file: bytes) -> str:
    """How a decision names the report that was before it: SHA-256, hex."""
    return hashlib.sha256(file).hexdigest()


def paper(file: bytes) -> bytes:
    """The report of a JSON file set on A4, not signed yet."""
    from sscard.documents.pdf import Column, Sheet

    told, mark = json.loads(file), digest(file)
    subject, verdicts = told["subject"], told["audits"]
    made_at = datetime.fromisoformat(told["at"])
    sheet = Sheet(
        "测试卡检验报告 Test card report", made_at=made_at, issuer=f"sscard {told['software']}", foot=mark[:32]
    )
    sheet.facts(
        [
            ("标准符合性审查", OUTCOMES[verdicts[CONFORMANCE]]),
            ("跨地区通用性测试", OUTCOMES[verdicts[CROSS_AREA]]),
            ("送检 Asked by", subject["asked_by"]),
            ("供应商 Supplier", f"{subject['supplier']}  {subject['plant']}"),
            ("产品 Product", subject["product"]),
            ("芯片 Chip · COS", f"{subject['chip']} · {subject['cos']}"),
            ("规范版本 Version", f"{told['version']}  {told['algorithm']}"),
            ("地区 Area", told["area"]),
            ("项目清单 List of items", lists.in_force(made_at).name),
            ("ATR", told["atr"]),
            ("检验时间 Examined", f"{made_at:%Y-%m-%d %H:%M} UTC"),
            ("JSON SHA-256", mark),
        ]
    )
    sheet.heading("各项结果 Items")
    columns = [Column("项目 Item", 36), Column("内容 What", 66), Column("依据 Basis", 42), Column("结果 Result", 26)]
    sheet.table(columns, [_row(one) for one in told["results"]])
    sheet.heading("公开文本没有规定、由本软件选定的做法 Choices")
    chosen = [f"{name} = {one['value']}" for name, one in told["choices"].items()]
    sheet.text("; ".join(chosen), small=True)
    sheet.text(
        "本报告由程序按所见出具，作为部信息化领导小组办公室审查的依据；是否准许批量制卡由该办公室决定（管理办法第十二条）。"
        " A program wrote down what it saw; leave to mass-produce is given by the ministry's office alone (Article 12).",
        small=True,
    )
    return sheet.output()


def _row(one: Mapping[str, str]) -> tuple[str, str, str, str]:
    what = f"{one['zh']} {one['en']}" + (f"\n{one['detail']}" if one["detail"] else "")
    return one["code"], what, one["clause"], OUTCOMES[one["outcome"]]


def sealed(pdf: bytes) -> bytes:
    """The PDF under the test laboratory's seal (PAdES B-T)."""
    from sscard.documents import authority
    from sscard.documents.signing import seal

    return seal(pdf, authority.office("test-laboratory"), field="Laboratory", box=None, reason="test card report")
