"""Passkeys (WebAuthn), whoever keeps them: the questions for a browser, and the checks of its answers.

A passkey that has verified its user (fingerprint, face, device code) is possession and knowledge at once. What the browser
answers is bound to a challenge that this house signed for one use, one site, one account and at most five minutes; the
credential's own counter must grow where it counts (T16). The library is loaded when first used: most processes never need it.

new_question → checked_new        a passkey is added
question     → sign_count         it proves its owner: signing in, or once more before money leaves
"""

from __future__ import annotations

import json
import time
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from django.core import signing

from sscard.kernel.refusals import Refusal

SECONDS = 300
MOST = 10
"""Passkeys of one account."""
LABEL_MOST = 60
_SALT = "sscard.passkey"
_FORMLESS = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What an answer raises that is not even built like one."""


@dataclass(frozen=True, slots=True)
class Site:
    """The site as the browser sees it: `host` without port is what credentials are bound to."""

    host: str
    origin: str

    @classmethod
    def named(cls, host: str, scheme: str) -> Site:
        """`host` as in the request's head, with its port."""
        return cls(host.rpartition(":")[0] if ":" in host else host, f"{scheme}://{host}")


@dataclass(frozen=True, slots=True)
class Question:
    """What the page gives the browser (`options`, JSON) and gets back unchanged with its answer (`token`)."""

    options: str
    token: str


@dataclass(frozen=True, slots=True)
class Made:
    """A new credential, checked."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of ours that came back. `at_us`: when it was asked, microseconds; later questions have larger ones."""

    challenge: bytes
    site: Site
    at_us: int


def checked_label(label: str) -> str:
    """What the owner calls his device. Raises people.passkey_label."""
    found = label.strip()
    if not 1 <= len(found) <= LABEL_MOST:
        raise Refusal("people.passkey_label", most=LABEL_MOST)
    return found


def new_question(
    use: str, site: Site, site_name: str, account: uuid.UUID, shown_name: str, known: Iterable[bytes]
) -> Question:
    """The question for a new passkey of an account; `known` are those it has."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site_name,
        user_id=account.bytes,
        user_name=shown_name,
        user_display_name=shown_name,
        timeout=SECONDS * 1000,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes(one)) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return Question(options_to_json(options), _signed(use, options.challenge, site, str(account)))


def checked_new(use: str, token: str, answer: str, account: uuid.UUID) -> Made:
    """The browser's answer to `new_question`. Raises people.passkey_late, people.passkey_wrong."""
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException

    asked = answered(use, token, str(account))
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=asked.challenge,
            expected_rp_id=asked.site.host,
            expected_origin=asked.site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, *_FORMLESS):
        raise Refusal("people.passkey_wrong") from None
    return Made(made.credential_id, made.credential_public_key, made.sign_count)


def question(use: str, site: Site, *, whose: str = "", known: Iterable[bytes] = ()) -> Question:
    """The question for a passkey's proof. Without `known` the passkey itself tells whose it is."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.host,
        timeout=SECONDS * 1000,
        allow_credentials=[PublicKeyCredentialDescriptor(id=bytes(one)) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Question(options_to_json(options), _signed(use, options.challenge, site, whose))


def sign_count(answer: str, asked: Asked, public_key: bytes, last_count: int) -> int | None:
    """The credential's counter after a right answer to `question`; None for a wrong one."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        seen = verify_authentication_response(
            credential=answer,
            expected_challenge=asked.challenge,
            expected_rp_id=asked.site.host,
            expected_origin=asked.site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=last_count,
            require_user_verification=True,
        )
    except (WebAuthnException, *_FORMLESS):
        return None
    return int(seen.new_sign_count)


def answered(use: str, token: str, whose: str) -> Asked:
    """The question that we signed. Raises people.passkey_late for one that is old or meant for something else."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=SECONDS)
    except signing.BadSignature:
        raise Refusal("people.passkey_late") from None
    if told["use"] != use or told["whose"] != whose:
        raise Refusal("people.passkey_late")
    return Asked(_bytes_of(told["challenge"]), Site(told["host"], told["origin"]), told["at"])


def claimed(answer: str) -> tuple[uuid.UUID | None, bytes]:
    """Whom the answer claims to be from: account and credential. The account is told only by a passkey that was not named."""
    try:
        told = json.loads(answer)
        credential, handle = _bytes_of(told["id"]), told["response"].get("userHandle")
        return uuid.UUID(bytes=_bytes_of(handle)) if handle else None, credential
    except _FORMLESS:
        return None, b""


def _signed(use: str, challenge: bytes, site: Site, whose: str) -> str:
    told = {"use": use, "challenge": _text_of(challenge), "whose": whose, "at": time.time_ns() // 1000}
    return signing.dumps({**told, "host": site.host, "origin": site.origin}, salt=_SALT)


def _bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text_of(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
