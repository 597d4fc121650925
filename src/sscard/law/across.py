"""Checks of an area pack that look at more than one key: timelines, references between files, a sandbox's numbers.

Each takes the sheets that could be read, so that a fault in one file does not hide those of another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sscard.kernel.refusals import Fault
from sscard.law.faults import Places
from sscard.law.parameters import PARAMETERS
from sscard.law.savings import Savings
from sscard.law.schema import FILES, INSURANCES, MAY_BE_ABSENT, AreaSheet, Bank
from sscard.law.timeline import timeline_faults

Sheets = Mapping[str, Any]


def across_faults(sheets: Sheets, places: Mapping[str, Places], folder_name: str | None) -> Iterator[Fault]:
    """All faults that one file alone, key by key, does not show."""
    area: AreaSheet | None = sheets.get("area.toml")
    for name, check in _CHECKS.items():
        if name in sheets:
            yield from check(sheets, places[name], area)
    if area is not None:
        at = places["area.toml"]
        if folder_name is not None and folder_name != area.code:
            yield at.fault("pack_folder_name", "code", code=area.code, folder=folder_name)
        permits = sheets.get("permits.toml")
        if permits is not None and permits.approval:
            for name in FILES:
                if name not in places and name not in MAY_BE_ABSENT:
                    yield Fault(name, "law.pack_file_missing", {"file": name})


def _area(_: Sheets, places: Places, area: AreaSheet | None) -> Iterator[Fault]:
    if area is None:
        return
    level = "province" if area.code.endswith("0000") else "prefecture" if area.code.endswith("00") else "county"
    if level != area.level:
        yield places.fault("pack_level", "level", code=area.code, level=area.level, expected=level)
    yield from timeline_faults(area.cross_area_admitted, places, ("cross_area_admitted",), begins=area.valid_from)
    for index, district in enumerate(area.demo_districts):
        if area.sandbox and not district.startswith("09"):
            yield places.fault("pack_demo_district", "demo_districts", index, given=district)
    if area.demo_districts and not area.sandbox:
        yield places.fault("pack_demo_in_real_area", "demo_districts")
    if area.sandbox:
        yield from _begins_with_nine(area.hotline, places, "hotline")


def _parameters(sheets: Sheets, places: Places, area: AreaSheet | None) -> Iterator[Fault]:
    begins = area.valid_from if area else None
    for name in PARAMETERS:
        yield from timeline_faults(getattr(sheets["parameters.toml"], name), places, (name,), begins=begins)


def _banks(sheets: Sheets, places: Places, area: AreaSheet | None) -> Iterator[Fault]:
    rows: tuple[Bank, ...] = sheets["banks.toml"].bank
    seen: dict[str, str] = {}
    by_code: dict[str, list[tuple[int, Bank]]] = defaultdict(list)
    for index, bank in enumerate(rows):
        by_code[bank.code].append((index, bank))
        if seen.setdefault(bank.bin, bank.code) != bank.code:
            yield places.fault("pack_bin_taken", "bank", index, "bin", bin=bank.bin, bank=seen[bank.bin])
        if area is not None and area.sandbox:
            yield from _begins_with_nine(bank.bin, places, "bank", index, "bin")
            yield from _begins_with_nine(bank.hotline, places, "bank", index, "hotline")
    for numbered in by_code.values():
        indexes = [index for index, _ in numbered]
        one_bank = [bank for _, bank in numbered]
        yield from timeline_faults(one_bank, places, ("bank",), begins=None, may_end=True, indexes=indexes)
    classes = sheets["banks.toml"].class_limit
    for account_class in sorted({one.account_class for one in classes}):
        indexes = [index for index, one in enumerate(classes) if one.account_class == account_class]
        of_class = [classes[index] for index in indexes]
        yield from timeline_faults(of_class, places, ("class_limit",), begins=None, may_end=True, indexes=indexes)


def _savings(sheets: Sheets, places: Places, area: AreaSheet | None) -> Iterator[Fault]:
    known = {bank.code for bank in sheets["banks.toml"].bank} if "banks.toml" in sheets else None
    for kind in ("terms", "demand_rate"):
        rows = getattr(sheets["banks_savings.toml"], kind)
        by_bank: dict[str | None, list[int]] = defaultdict(list)
        for index, row in enumerate(rows):
            by_bank[row.bank].append(index)
            if known is not None and row.bank is not None and row.bank not in known:
                yield places.fault("pack_bank_unknown", kind, index, "bank", bank=row.bank)
        for indexes in by_bank.values():
            chosen = [rows[index] for index in indexes]
            yield from timeline_faults(chosen, places, (kind,), begins=None, may_end=True, indexes=indexes)


def _offers(sheets: Sheets, places: Places, _: AreaSheet | None) -> Iterator[Fault]:
    rows: tuple[Savings, ...] = sheets["savings.toml"].savings
    known = {bank.code for bank in sheets["banks.toml"].bank} if "banks.toml" in sheets else None
    by_bank: dict[str, list[tuple[int, Savings]]] = defaultdict(list)
    for index, offer in enumerate(rows):
        by_bank[offer.bank].append((index, offer))
        if known is not None and offer.bank not in known:
            yield places.fault("pack_savings_bank_unknown", "savings", index, "bank", bank=offer.bank)
        for table in ("function", "fee"):
            seen: set[str] = set()
            for row, one in enumerate(getattr(offer, table)):
                if one.code in seen:
                    yield places.fault("pack_twice", "savings", index, table, row, "code", code=one.code)
                seen.add(one.code)
        demand = offer.of("demand")
        if demand is None or not demand.offered:
            yield places.fault("pack_savings_without_demand", "savings", index, "function", bank=offer.bank)
    for numbered in by_bank.values():
        indexes = [index for index, _ in numbered]
        offers = [offer for _, offer in numbered]
        yield from timeline_faults(offers, places, ("savings",), begins=None, may_end=True, indexes=indexes)


def _outlets(sheets: Sheets, places: Places, area: AreaSheet | None) -> Iterator[Fault]:
    file = sheets["outlets.toml"]
    known = {bank.code for bank in sheets["banks.toml"].bank} if "banks.toml" in sheets else None
    seen: set[str] = set()
    for kind in ("bureau", "bank"):
        for index, outlet in enumerate(getattr(file, kind)):
            if outlet.code in seen:
                yield places.fault("pack_twice", kind, index, "code", code=outlet.code)
            seen.add(outlet.code)
            if area is not None and outlet.area_code != area.code:
                yield places.fault(
                    "pack_outlet_elsewhere", kind, index, "area_code", code=outlet.area_code, own=area.code
                )
            if area is not None and area.sandbox:
                yield from _begins_with_nine(outlet.phone, places, kind, index, "phone")
            if kind == "bank" and known is not None and outlet.bank not in known:
                yield places.fault("pack_bank_unknown", kind, index, "bank", bank=outlet.bank)


def _insurance(sheets: Sheets, places: Places, area: AreaSheet | None) -> Iterator[Fault]:
    begins = area.valid_from if area else None
    for kind in INSURANCES:
        sheet = getattr(sheets["insurance.toml"], kind)
        for part in ("rates", "bounds"):
            # Reductions and bounds are published for a limited time: the last one may run out.
            yield from timeline_faults(getattr(sheet, part), places, (kind, part), begins=begins, may_end=True)
        for index, bounds in enumerate(sheet.bounds):
            if bounds.floor_fen > bounds.ceiling_fen:
                yield places.fault("pack_floor_above_ceiling", kind, "bounds", index, "floor_fen")
        for index, rate in enumerate(sheet.rates):
            if len(rate.classes) not in (0, 8):
                yield places.fault("pack_industry_classes", kind, "rates", index, "classes", count=len(rate.classes))


def _card(sheets: Sheets, places: Places, area: AreaSheet | None) -> Iterator[Fault]:
    yield from timeline_faults(sheets["card.toml"].face, places, ("face",), begins=area.valid_from if area else None)


def _papers(sheets: Sheets, places: Places, _: AreaSheet | None) -> Iterator[Fault]:
    matters: set[str] = set()
    names: dict[str, object] = {}
    for index, matter in enumerate(sheets["papers.toml"].matter):
        if matter.code in matters:
            yield places.fault("pack_twice", "matter", index, "code", code=matter.code)
        matters.add(matter.code)
        papers: set[str] = set()
        for row, paper in enumerate(matter.paper):
            if paper.code in papers:
                yield places.fault("pack_twice", "matter", index, "paper", row, "code", code=paper.code)
            papers.add(paper.code)
            if names.setdefault(paper.code, paper.name) != paper.name:
                yield places.fault("pack_paper_name", "matter", index, "paper", row, "name", code=paper.code)
            if paper.needed and paper.if_held:
                yield places.fault("pack_paper_if_held", "matter", index, "paper", row, "if_held", code=paper.code)


def _permits(sheets: Sheets, places: Places, _: AreaSheet | None) -> Iterator[Fault]:
    file = sheets["permits.toml"]
    yield from timeline_faults(file.approval, places, ("approval",), begins=None, may_end=True)
    for index, permit in enumerate(file.production):
        for test in ("conformance", "safety", "cross_area"):
            passed = getattr(permit.passed, test)
            if passed > permit.from_:
                yield places.fault(
                    "pack_test_after_start", "production", index, "passed", test, passed=passed, start=permit.from_
                )


def _begins_with_nine(number: str, places: Places, *path: str | int) -> Iterator[Fault]:
    if not number.startswith("9"):
        yield places.fault("pack_demo_number", *path, given=number)


_CHECKS = {
    "area.toml": _area,
    "parameters.toml": _parameters,
    "permits.toml": _permits,
    "banks.toml": _banks,
    "banks_savings.toml": _savings,
    "outlets.toml": _outlets,
    "insurance.toml": _insurance,
    "card.toml": _card,
    "papers.toml": _papers,
    "savings.toml": _offers,
}
