"""The parameters in which areas differ, each with the range that was seen in practice.

Every one is a list of dated values in `parameters.toml`. None of them is a national number: where the law itself
fixes it (`minor_consent_age`, `first_fee_fen`, the national platform's electronic card) the schema admits only that.
Parameters of a bank (`activation_outlets` and its like) stand with the bank in `banks.toml`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sscard.law.sheet import Off, Rows, Sheet, Timeline, Unlimited

CancelPoint = Literal["application", "pickup", "new_card_enabled"]
ProviderName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,19}$")]
FreeCause = Literal["issuer_fault", "warranty_one_year", "low_income"]


class Parameters(Sheet):
    """`parameters.toml`. Days are calendar days unless the name says working days; money is fen."""

    # Loss
    temp_loss_days: Timeline[Annotated[int, Field(ge=1, le=15)]]
    formal_loss_revocable: Timeline[Literal["never", "until_reissue_applied"]]
    formal_loss_auto_cancel_days: Timeline[Annotated[Annotated[int, Field(ge=1, le=365)] | None, Off]]
    joint_loss_report: Timeline[bool]
    # Issue and fees
    batch_issue_working_days: Timeline[Annotated[int, Field(ge=1, le=45)]]
    instant_issue: Timeline[bool]
    first_fee_fen: Timeline[Literal[0]]
    replacement_fee_fen: Timeline[Annotated[int, Field(ge=0, le=3500)]]
    fee_free_cause: Timeline[Rows[FreeCause]]
    photo_free_below_age: Timeline[Annotated[int, Field(ge=0, le=16)]]
    employer_cards: Timeline[bool]
    # Passwords of the social side
    initial_password_value: Timeline[Literal["none", "123456", "000000", "id_tail", "card_tail"]]
    initial_password_use: Timeline[Literal["forbid", "inquiry_only", "treat_as_no_password"]]
    social_password_wrong_max: Timeline[Annotated[int, Field(ge=3, le=10)]]
    chip_unlock_max: Timeline[Annotated[Annotated[int, Field(ge=1, le=15)] | None, Unlimited]]
    password_reset_by_agent: Timeline[Literal["guardian_only", "yes", "no"]]
    # Key ceremonies
    key_shares: Timeline[Annotated[int, Field(ge=2, le=7)]]
    key_shares_needed: Timeline[Annotated[int, Field(ge=2, le=7)]]
    # Ages
    guardian_age: Timeline[Literal[16, 18]]
    minor_consent_age: Timeline[Literal[14]]
    # Life of the card
    validity_years: Timeline[Annotated[int, Field(ge=1, le=20)]]
    validity_end_rule: Timeline[Literal["day_before", "same_day"]]
    renew_before_days: Timeline[Annotated[int, Field(ge=1, le=180)]]
    expired_social_function_works: Timeline[bool]
    old_card_cancel_point: Timeline[CancelPoint]
    old_card_cancel_point_after_loss: Timeline[CancelPoint]
    temporary_card: Timeline[bool]
    temporary_card_days: Timeline[Annotated[int, Field(ge=1, le=90)]]
    temporary_card_max_days: Timeline[Annotated[int, Field(ge=1, le=180)]]
    temporary_card_deposit_fen: Timeline[Annotated[int, Field(ge=0, le=2500)]]
    # Enabling
    enable_by_first_use: Timeline[bool]
    unactivated_sweep_months: Timeline[Annotated[Annotated[int, Field(ge=1, le=36)] | None, Off]]
    # Electronic card
    ecard_lock_count: Timeline[Literal[6]]
    ecard_lock_hours: Timeline[Literal[24]]
    ecard_qr_seconds: Timeline[Literal[60]]
    ecard_qr_single_use: Timeline[Literal[True]]
    ecard_family_max: Timeline[Annotated[int, Field(ge=1, le=10)]]
    ecard_on_temp_loss: Timeline[Literal["needs_holder_consent", "stop"]]
    # One-time codes and face checks (verification)
    code_seconds: Timeline[Annotated[int, Field(ge=60, le=360)]]
    code_tries: Timeline[Annotated[int, Field(ge=1, le=5)]]
    code_sends: Timeline[Annotated[int, Field(ge=1, le=3)]]
    code_resend_seconds: Timeline[Annotated[int, Field(ge=30, le=300)]]
    code_provider: Timeline[ProviderName]
    face_provider: Timeline[ProviderName]
    face_seconds: Timeline[Annotated[int, Field(ge=60, le=900)]]
    # Asking to link a card (binding): tries in `link_tries_seconds` of one bank customer, at one card, of one client
    link_tries_customer: Timeline[Annotated[int, Field(ge=3, le=100)]]
    link_tries_card: Timeline[Annotated[int, Field(ge=3, le=100)]]
    link_tries_client: Timeline[Annotated[int, Field(ge=100, le=100_000)]]
    link_tries_seconds: Timeline[Annotated[int, Field(ge=60, le=86_400)]]
    # Numbers
    card_no_check_strict: Timeline[Literal["own", "all", "none"]]


PARAMETERS = tuple(Parameters.model_fields)
