"""The receipt of a charge: a PDF sealed by the agency, with the code by which anybody checks that it is genuine."""

from __future__ import annotations

from sscard.documents import authority, kept, signing
from sscard.insurance.charge_tables import Charge, ChargePayment
from sscard.kernel import dates, words
from sscard.kernel.money import yuan
from sscard.law.area import Area

FIELD = "agency"


def make(area: Area, charge: Charge, paid: ChargePayment, *, payer_name: str) -> bytes:
    """Both languages in one: Chinese above, English below each label. No number of a person stands on it."""
    from sscard.documents.pdf import Sheet

    title = _both("title")
    sheet = Sheet(title, made_at=paid.booked_at, issuer=area.issuer_name("zh"), foot=kept.shown(paid.receipt_code))
    sheet.facts(
        [
            (_both("reference"), charge.reference),
            (_both("insurance"), f"{_named(charge.insurance, 'zh')} {_named(charge.insurance, 'en')}"),
            (_both("months"), _months(charge)),
            (_both("amount"), yuan(paid.amount_fen)),
            (_both("payer"), f"{payer_name} {paid.paying_masked}".strip()),
            (_both("payer_reference"), paid.payer_reference),
            (_both("booked_at"), dates.show_time(paid.booked_at, "zh")),
            (_both("code"), kept.shown(paid.receipt_code)),
        ]
    )
    sheet.text(words.text("notice", "insurance.receipt.check", "zh"), small=True)
    box = sheet.signature(FIELD, area.issuer_name("zh"))
    seal = authority.seal_of(f"bureau{area.code}", area.issuer_name("zh"))
    return signing.seal(sheet.output(), seal, field=FIELD, box=box, reason=title)


def _both(name: str) -> str:
    said = [words.text("notice", f"insurance.receipt.{name}", lang) for lang in ("zh", "en")]
    return " ".join(said)


def _named(insurance: str, lang: str) -> str:
    return words.text("state", f"insurance.kind.{insurance}", lang)


def _months(charge: Charge) -> str:
    first, last = (f"{month // 100}-{month % 100:02d}" for month in (charge.first_month, charge.last_month))
    return first if first == last else f"{first} – {last}"
