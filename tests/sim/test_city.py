"""The demo's offices: everybody can sign in with his own two factors, and founding again changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sscard.control import signin, totp
from sscard.control.models import Organisation, Staff
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.sim import city


def test_founding_twice_and_signing_in(house: object, tmp_path: Path) -> None:
    book = city.found(tmp_path)
    counts = Staff.objects.count(), Organisation.objects.count()
    assert counts[0] == len(book.staff) > 20
    again = city.found(tmp_path)
    assert (Staff.objects.count(), Organisation.objects.count()) == counts
    assert again.staff == book.staff
    one = book.staff["clerk.990100"]
    code = totp.code(one.totp, clock.real_now())
    found = signin.staff(" Clerk.990100 ", one.password, code, address="127.0.0.1")
    assert found.role_names() == {"clerk"}
    with pytest.raises(Refusal) as caught:  # T16: the same code a second time
        signin.staff("clerk.990100", one.password, code, address="127.0.0.1")
    assert caught.value.code == "control.sign_in"
    assert (book.path.stat().st_mode & 0o777) == 0o600
