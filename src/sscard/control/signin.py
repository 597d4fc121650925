"""Sign-in of staff: password and one-time code, with the same answer and the same work for unknown and wrong."""

from __future__ import annotations

import hmac
import uuid
from functools import cache

from sscard.control import audit, passwords, throttle, totp
from sscard.control.caller import Caller
from sscard.control.models import Program, Staff
from sscard.control.sessions import end_sessions, token_hash
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.kernel.ids import new_id
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one

_NOBODY = b"sign-in of nobody"
PROGRAM_TRIES = {**throttle.SIGN_IN, "source": throttle.Limit(6000, 900)}
"""A program signs in with each call, so its source may call often; wrong keys in a row are counted by its name."""


class _Door:
    """Opening the one-time secret is part of signing in; the sign-in itself is the audit row."""

    def opened(self, *_: object) -> None:
        return


def staff(
    username: str, password: str, code: str, *, address: str, device: str = "", channel: str = "page"
) -> Staff:  # fmt: skip
    """The staff member behind these two factors; `device`: see `throttle.count_sign_in`. Raises control.sign_in for every
    kind of mismatch."""
    name = passwords.normal_name(username)
    throttle.count_sign_in("signin", target=name, source=address, device=device)
    found = Staff.objects.select_related("organisation").filter(username=name).first()
    right = passwords.matches(password, found.password if found else None)
    secret = open_one(found, "totp", _Door()) if found and found.totp else open_nothing("staff")
    step = totp.matching_step(secret, code, clock.real_now())
    ok = bool(found and right and found.active and step is not None and _take_step(found.staff_id, step))
    _note(found, name, ok, address, channel)
    if not ok or found is None:
        raise Refusal("control.sign_in")
    throttle.forget_sign_in("signin", target=name, source=address, device=device)
    return found


def open_nothing(purpose: str) -> str:
    """The same work of the key service where there is no account: a secret of nobody's is opened."""
    return keys().unseal(purpose, [(_NOBODY, _sealed_for_nobody(purpose))])[0].decode()


@cache
def _sealed_for_nobody(purpose: str) -> bytes:
    return keys().seal(purpose, [(_NOBODY, totp.new_secret().encode())])[0]


def _take_step(staff_id: uuid.UUID, step: int) -> bool:
    """Each time step once, also under ten requests at the same moment (T16)."""
    return bool(Staff.objects.filter(staff_id=staff_id, totp_last_step__lt=step).update(totp_last_step=step))


def _note(found: Staff | None, name: str, ok: bool, address: str, channel: str) -> None:
    if found is not None and ok:
        caller = Caller.of_staff(found, channel=channel, address=address)
    elif found is not None:  # as little as for an unknown name: roles would cost two queries, and time tells
        caller = Caller(
            kind="staff", id=found.staff_id, name=found.display_name, channel=channel, address=address,
            area=found.area_code, organisation=found.organisation_id,
        )  # fmt: skip
    else:
        caller = Caller(kind="anonymous", id=new_id(), name="", channel=channel, address=address)
    with unit_of_work(area=caller.area):
        row = audit.row_of(
            caller,
            "control.sign_in",
            area=caller.area,
            now=clock.real_now(),
            result="ok" if ok else "refused",
            reason="" if ok else "control.sign_in",
        )
        audit.write([row])


def change_password(account: Staff, old: str, new: str) -> None:
    """Change one's own password; all other sessions end."""
    if not passwords.matches(old, account.password):
        raise Refusal("control.sign_in")
    passwords.check_new(new, minimum=passwords.STAFF_MINIMUM, own_words=(account.username, account.display_name))
    account.password = passwords.hashed(new)
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    end_sessions(account.staff_id)


def program(name: str, secret: str, *, address: str) -> Program:
    """A program signs in with its own key over TLS."""
    throttle.count("program", PROGRAM_TRIES, target=name, source=address)
    found = Program.objects.select_related("organisation").filter(name=name, active=True).first()
    stored = bytes(found.secret_hash) if found else b"\0" * 32
    if not hmac.compare_digest(stored, token_hash(secret)) or found is None:
        raise Refusal("control.sign_in")
    throttle.forget("program", target=name, source=address)
    return found
