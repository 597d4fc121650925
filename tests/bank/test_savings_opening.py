"""Opening the savings function: the seven steps, what each refuses, and that paper is worth the same as a file (ACT-6)."""

from __future__ import annotations

import base64
import uuid
from datetime import date
from typing import Any

import pytest
from bank_kit import (
    Terminal,
    activated,
    caller,
    codes_of,
    guardian_of,
    mirror_of,
    opened,
    perform,
    person,
    refused,
)
from opening_kit import FORM, RELEASE, as_holder, begun, filled, identified

from sscard.bank import acts
from sscard.bank.savings_opening.function import functions_of, progress_of, tell
from sscard.bank.savings_opening.states import STEPS, TABLE, Stage, step_done, step_due
from sscard.documents import authority, checking, kept
from sscard.kernel.refusals import Refusal
from sscard.sim.devices.signing_pad import PadRefused

pytestmark = pytest.mark.usefixtures("house")
ON = date(2026, 3, 1)


def test_the_table_goes_through_seven_steps_in_their_order() -> None:
    assert [step_due(one) for one in (None, *list(Stage)[:6])] == [1, 2, 3, 4, 5, 6, 7]
    assert [step_done(one) for one in list(Stage)[:7]] == [1, 2, 3, 4, 5, 6, 7]
    assert {row.step for row in TABLE if row.step} == set(range(1, STEPS + 1))
    assert all(any(row.stage is stage and row.becomes is Stage.WITHDRAWN for row in TABLE) for stage in list(Stage)[:5])


def test_all_seven_steps_with_an_electronic_agreement() -> None:
    opening = begun()
    papers = {one["code"]: one for one in opening.last["papers"]}
    assert papers["id_card"]["needed"]
    assert all(one["why"] and one["why_en"] for one in papers.values())
    assert opening.choose("demand", "time")["functions"] == ["demand", "time"]
    opening.where()
    opening.form()
    assert opening.identify()["steps_done"] == 5
    signed = opening.sign()
    assert signed["steps_done"] == 6
    assert not opening.has()
    done = opening.hand_over()
    assert done["stage"] == "OPEN"
    assert opening.has()
    file = opening.file(done["agreement"])
    found = checking.require_whole(file, roots=[authority.root()], fields=["applicant", "bank"])
    assert found[0].name == opening.holder.name
    assert opening.file(done["guide"]).startswith(b"%PDF")
    mirror = mirror_of(opening.holder)
    assert mirror.status == "NOT_ACTIVATED", "activation stays an act of its own"
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=opening.holder.area):
        assert functions_of(mirror) == {"demand", "time"}
        assert tell(mirror, ON).code == "open_asleep"


def test_an_account_that_is_awake_already_can_be_opened_too() -> None:
    opening = identified(activated(opened(person())))
    opening.sign()
    opening.hand_over()
    assert opening.has()
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=opening.holder.area):
        assert tell(mirror_of_here(opening), ON).code == "open"


def mirror_of_here(opening: Any) -> Any:
    from sscard.bank.models import AccountStatus

    return AccountStatus.objects.get(account_id=opening.holder.account)


def test_activation_after_the_opening_makes_it_usable() -> None:
    opening = identified()
    opening.sign()
    opening.hand_over()
    activated(opening.holder, opening.terminal)
    assert opening.has()


def test_paper_is_an_equal_choice() -> None:
    opening = identified()
    assert refused(lambda: opening.agree(consent=False)).code == "bank.savings_consent"
    paper = opening.paper()
    assert paper["stage"] == "AGREED"
    done = opening.hand_over()
    assert done["stage"] == "OPEN"
    assert opening.has()
    assert opening.file(done["agreement"]).startswith(b"%PDF")


def test_which_form_was_chosen_is_written_down_for_this_matter() -> None:
    from bank_kit import in_bank

    from sscard.bank.models import MatterConsent

    opening = identified()
    opening.paper()
    other = identified()
    other.agree()
    for one, form in ((opening, "paper"), (other, "electronic")):
        with in_bank(one.holder):
            row = MatterConsent.objects.get(subject=one.application)
        assert (row.form, row.matter) == (form, "bank.savings_agreement")
        assert len(row.wording) == 64


# -- order -------------------------------------------------------------------------------------------------------------
def test_no_step_can_be_skipped() -> None:
    opening = begun()
    for act in (opening.where, opening.form, opening.identify, opening.hand_over, opening.agree):
        assert refused(act).code == "bank.savings_order"
    opening.choose()
    for act in (opening.form, opening.identify, opening.hand_over):
        assert refused(act).code == "bank.savings_order"


def test_a_step_may_be_taken_again_and_what_lay_behind_it_too() -> None:
    opening = filled()
    opening.form(address="云溪市溪西区桥头街2号")
    opening.identify()
    opening.identify()
    opening.sign()


def test_what_was_said_is_put_right_until_both_have_signed() -> None:
    opening = filled()
    assert opening.choose("demand", "time")["stage"] == "FORM", "the steps behind it stay done"
    assert opening.where(outlet="990100-CCB-02")["stage"] == "FORM"
    opening.identify()
    pad, session = opening.agree()
    pad.sign(RELEASE, base64.b64decode(opening.last["file"]))
    assert opening.form(address="云溪市溪西区桥头街2号")["steps_done"] == 5
    sign = acts.SavingsSign(opening.application, session)
    assert refused(lambda: opening.do("sign", sign, who=opening.terminal.caller)).code == "bank.savings_not_prepared"
    assert refused(opening.where).code == "bank.savings_order", "he stands there already"
    opening.sign()
    for again in (
        opening.choose,
        opening.form,
        lambda: opening.do("withdraw", acts.SavingsWithdraw(opening.application)),
    ):
        assert refused(again).code == "bank.savings_signed"
    opening.hand_over()
    assert opening.has()


def test_no_outlet_is_not_a_wrong_outlet() -> None:
    opening = begun()
    opening.choose()
    request = acts.SavingsWhere(opening.application, "counter", "")
    assert refused(lambda: opening.do("where", request)).code == "bank.savings_outlet_none"


def test_an_opening_can_be_withdrawn_and_begun_anew() -> None:
    opening = filled()
    assert refused(lambda: begun(opening.holder)).code == "bank.savings_running"
    opening.do("withdraw", acts.SavingsWithdraw(opening.application))
    assert refused(opening.form).code == "bank.savings_over"
    assert begun(opening.holder).last["steps_done"] == 1


def test_what_is_open_is_not_opened_twice() -> None:
    opening = identified()
    opening.sign()
    opening.hand_over()
    assert refused(lambda: begun(opening.holder)).code == "bank.savings_already"
    assert refused(opening.hand_over).code == "bank.savings_over"


# -- steps 1 to 4 ------------------------------------------------------------------------------------------------------
def test_the_papers_come_first() -> None:
    holder = opened(person())
    request = acts.SavingsBegin(holder.account)
    assert (
        refused(lambda: perform(as_holder(holder), "bank.savings_begin", request)).code == "bank.savings_papers_first"
    )


def test_a_stranger_finds_nothing() -> None:
    opening, stranger = begun(), as_holder(person())
    request = acts.SavingsChoose(opening.application, "CCB", ("demand",))
    assert refused(lambda: opening.do("choose", request, who=stranger)).code == "control.not_found"
    assert refused(
        lambda: perform(stranger, "bank.savings_begin", acts.SavingsBegin(opening.holder.account, True))
    ).code == ("control.not_found")


def test_the_cards_own_bank_only() -> None:
    opening = begun()
    assert refused(lambda: opening.choose("demand", bank="ICBC")).code == "bank.savings_other_bank"
    assert refused(lambda: opening.choose("demand", bank="XYZ")).code == "law.bank_unknown"


def test_one_bank_offers_what_the_other_refuses_with_its_reason() -> None:
    assert begun(bank="CCB").choose("demand", "notice")["functions"] == ["demand", "notice"]
    no = refused(lambda: begun(bank="ICBC").choose("demand", "notice"))
    assert no.code == "bank.savings_not_offered"
    said = no.sentence("zh")
    assert "通知存款" in said
    assert "建设银行" in said, "it names who offers it"
    assert "存折" in said, "it gives the bank's own reason"


def test_all_faults_of_a_choice_at_once() -> None:
    opening = begun(bank="BOCOM")
    assert codes_of(refused(lambda: opening.choose("time", "gold"))) == {
        "bank.savings_not_offered", "bank.savings_unknown", "bank.savings_demand_needed"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("bank", "channel", "outlet", "code"),
    [
        ("ICBC", "kiosk", "990100-ICBC-01", "bank.savings_no_kiosk"),
        ("CCB", "kiosk", "990100-CCB-02", "bank.savings_outlet_no_kiosk"),
        ("CCB", "counter", "990100-ICBC-01", "bank.savings_outlet"),
        ("CCB", "counter", "nowhere", "bank.savings_outlet"),
        ("CCB", "post", "990100-CCB-01", "bank.savings_channel_unknown"),
    ],
)
def test_places_that_will_not_do(bank: str, channel: str, outlet: str, code: str) -> None:
    opening = begun(bank=bank)
    opening.choose("demand")
    assert refused(lambda: opening.where(channel, outlet)).code == code


def test_all_faults_of_the_form_with_their_fields() -> None:
    opening = begun()
    opening.choose()
    opening.where()
    no = refused(lambda: opening.form(phone="123", address="x", occupation="", use="?", tax="", accept=False))
    assert {fault.place for fault in no.faults} == set(FORM)


# -- step 5 ------------------------------------------------------------------------------------------------------------
def test_somebody_else_a_copy_and_another_card_are_refused() -> None:
    opening, other = filled(), person()
    assert refused(lambda: opening.identify(by=other)).code == "bank.not_the_holder"
    assert refused(lambda: opening.identify(source="copy")).code == "bank.original_needed"
    both = refused(lambda: opening.identify(by=other, source="photo"))
    assert codes_of(both) == {"bank.not_the_holder", "bank.original_needed"}
    assert opening.identify()["stage"] == "IDENTIFIED", "nothing is lost by a refusal"


def test_another_banks_counter_learns_nothing() -> None:
    opening = filled()
    assert refused(lambda: opening.identify(at=Terminal("ICBC", "990100"))).code == "bank.other_bank"


def test_the_holder_cannot_identify_himself_at_home() -> None:
    opening = filled()
    request = acts.SavingsIdentify(opening.application, uuid.uuid4())
    assert refused(lambda: opening.do("identify", request)).code == "control.not_allowed"


def test_a_child_comes_with_his_guardian() -> None:
    child, mother, uncle = opened(person(birth=date(2018, 5, 1))), person(birth=date(1988, 1, 1)), person()
    guardian_of(child, mother)
    opening = filled(child)
    assert "bank.guardian_needed" in codes_of(refused(opening.identify))
    assert "bank.not_the_guardian" in codes_of(
        refused(lambda: opening.identify(by=uncle, method="guardian", relation_proof=True))
    )
    assert refused(lambda: opening.identify(by=mother, method="guardian")).code == "bank.relation_proof_needed"
    opening.identify(by=mother, method="guardian", relation_proof=True)
    opening.sign()
    opening.hand_over()
    assert opening.has()


def test_a_kiosk_does_it_alone_where_the_bank_lets_it() -> None:
    opening = begun(terminal=Terminal("CCB", "990100", "kiosk"))
    opening.choose("demand")
    opening.where("kiosk")
    opening.form()
    opening.identify()
    opening.sign()
    opening.hand_over()
    assert opening.has()


# -- step 6 ------------------------------------------------------------------------------------------------------------
def test_a_bank_that_signs_on_paper_only_says_so() -> None:
    opening = identified(bank="BOCOM", birth=date(1990, 1, 1))
    assert refused(opening.agree).code == "bank.savings_paper_only"
    opening.paper()
    opening.hand_over()
    assert opening.has()


def test_without_the_pads_key_there_is_nothing_to_sign() -> None:
    opening = identified()
    at = opening.terminal
    session = at.session("bank.savings_sign", "sign_key", "signature")
    request = acts.SavingsAgree(opening.application, "electronic", True, session)
    assert refused(lambda: opening.do("agree", request, who=at.caller)).code == "terminals.evidence_missing"
    assert refused(lambda: opening.do("sign", acts.SavingsSign(opening.application, session), who=at.caller)).code == (
        "bank.savings_not_prepared"
    )


def test_the_pad_signs_only_what_was_shown_and_only_with_the_release() -> None:
    opening = identified()
    pad, _session = opening.agree()
    shown = base64.b64decode(opening.last["file"])
    with pytest.raises(PadRefused, match="wrong release"):
        pad.sign("0000", shown)
    at = shown.index(b"stream") + 20
    with pytest.raises(PadRefused, match="not the document"):
        pad.sign(RELEASE, shown[:at] + bytes([shown[at] ^ 1]) + shown[at + 1 :])
    pad.sign(RELEASE, shown)
    assert not pad.holds_key
    with pytest.raises(PadRefused):
        pad.sign(RELEASE, shown)


def test_three_wrong_releases_wipe_the_key() -> None:
    opening = identified()
    pad, _ = opening.agree()
    for _try in range(3):
        with pytest.raises(PadRefused):
            pad.sign("0000", b"")
    assert not pad.holds_key


def test_a_signature_made_by_another_key_is_refused() -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    opening = identified()
    pad, session = opening.agree()
    device, forged = pad._device, ec.generate_private_key(ec.SECP256R1())
    attributes = bytes.fromhex(pad.asked()["attributes"])
    signature = forged.sign(attributes, ec.ECDSA(hashes.SHA256())).hex()
    device.send(device.session(), "signature", {"signature": signature})
    no = refused(
        lambda: opening.do("sign", acts.SavingsSign(opening.application, session), who=opening.terminal.caller)
    )
    assert no.code == "documents.signature_wrong"
    assert not opening.has()


def test_the_signature_of_one_session_serves_no_other_opening() -> None:
    one, two = identified(), identified()
    pad, session = one.agree()
    pad.sign(RELEASE, base64.b64decode(one.last["file"]))
    two.terminal = one.terminal
    request = acts.SavingsSign(two.application, session)
    assert refused(lambda: two.do("sign", request, who=one.terminal.caller)).code in (
        "bank.savings_not_prepared", "bank.savings_elsewhere", "terminals.wrong_terminal"
    )  # fmt: skip
    one.do("sign", acts.SavingsSign(one.application, session), who=one.terminal.caller)
    assert refused(
        lambda: one.do("sign", acts.SavingsSign(one.application, session), who=one.terminal.caller)
    ).code == ("bank.savings_order")


def test_the_signing_goes_on_where_the_id_was_compared() -> None:
    opening = identified()
    elsewhere = caller("teller", bank="CCB", organisation="990100-CCB-02")
    request = acts.SavingsAgree(opening.application, "paper")
    assert refused(lambda: opening.do("agree", request, who=elsewhere)).code == "bank.savings_elsewhere"


# -- who sees what -----------------------------------------------------------------------------------------------------
def test_the_applicant_sees_how_far_it_is_and_gets_his_papers() -> None:
    from sscard.control.door import reading

    opening = identified()
    opening.sign()
    with reading(opening.who, right="bank.own", purpose="my") as inside:
        inside.about(opening.holder.person_id)
        seen = progress_of(inside, mirror_of_here(opening))
        assert seen is not None
        assert [one.state for one in seen.steps] == ["done"] * 6 + ["now"]
        assert all(one.at for one in seen.steps[:6])
        assert [one.kind for one in seen.documents] == ["bank.savings_agreement"]
        _, file = kept.fetch(inside, opening.holder.person_id, seen.documents[0].document_id)
    checking.require_whole(file, roots=[authority.root()], fields=["applicant", "bank"])


def test_others_get_no_paper_of_his() -> None:
    from sscard.control.door import reading

    opening = identified()
    document = uuid.UUID(opening.sign()["document"])
    strangers = (caller("clerk"), caller("teller", bank="ICBC"))
    for who, right in zip(strangers, ("people.view", "bank.view"), strict=True):
        with reading(who, right=right, purpose="test") as inside:
            inside.about(opening.holder.person_id)
            with pytest.raises(Refusal, match="not_found"):
                kept.fetch(inside, opening.holder.person_id, document)


def test_the_code_on_a_paper_tells_that_it_is_genuine_and_nothing_of_the_person() -> None:
    opening = identified()
    code = opening.sign()["code"]
    found = kept.genuine(code.lower())
    assert found is not None
    assert (found.kind, found.bank, found.state) == ("bank.savings_agreement", "CCB", "valid")
    assert opening.holder.name not in repr(found)
    assert kept.genuine("2222-2222-2222") is None


def test_the_agreements_text_can_be_copied_and_says_what_was_agreed(tmp_path: Any) -> None:
    import shutil
    import subprocess

    from django.conf import settings

    if not shutil.which("pdftotext"):
        pytest.skip("poppler-utils is not installed")

    def said_by(document: str) -> str:
        path = tmp_path / f"{document}.pdf"
        path.write_bytes(opening.file(document))
        told = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout.decode()
        return told.replace("\n", "")

    opening = identified()
    said = said_by(opening.sign()["document"])
    for wanted in (
        "社会保障卡储蓄功能开通协议",
        opening.holder.name,
        "活期储蓄",
        "中国建设银行",
        FORM["address"],
        "影响",
    ):
        assert str(wanted) in said
    assert opening.holder.id_number not in said
    guide = said_by(opening.hand_over()["guide"])
    for wanted in (settings.CONFIG.bank_url("CCB"), "领一个开通码", "第一次设置"):
        assert wanted
        assert wanted in guide
