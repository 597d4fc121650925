"""T22: no web hook leads inside. Resolver and connector are false ones: nothing is ever sent, even were the code wrong."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "partners"))

from receiver_kit import HOST, OPEN, URL, Receiver

from sscard.kernel.refusals import Refusal
from sscard.partners.hooks import guard

POLICY = guard.Policy(hosts=(HOST, "*.shops.example"))
INNER = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:93.184.216.34", "::127.0.0.1", "2002:7f00:1::",
    "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001:0:7f00:1::80ff:fffe", "fec0::1",
)  # fmt: skip


def post(receiver: Receiver, url: str = URL, policy: guard.Policy = POLICY) -> int:
    return guard.post(url, {"webhook-id": "m"}, b"{}", policy, receiver.net())


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_leads_inside_is_refused_before_any_connection(address: str) -> None:
    for addresses in ([address], [OPEN, address], [address, OPEN]):
        receiver = Receiver(addresses=addresses)
        with pytest.raises(Refusal) as refused:
            post(receiver)
        assert refused.value.code == "partners.target_inside"
        assert receiver.connected == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://localhost./", "https://[::1]/", "https://[::ffff:7f00:1]/",
        "https://2130706433/", "https://0x7f000001/", "https://017700000001/", "https://0x7f.1/", "https://127.1/",
        "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://93.184.216.34/", "https://0/",
        "http://hooks.partner.example/", "ftp://hooks.partner.example/", "file:///etc/passwd", "gopher://x/",
        "https://user:secret@hooks.partner.example/", "https://hooks.partner.example:22/", "https://hooks.partner.example:6379/",
        "https://hooks.partner.example#@127.0.0.1/", "https://hooks.partner.example\\@127.0.0.1/",
        "https://evil.example/", "https://hooks.partner.example.evil.example/", "https://shops.example/",
        "https://xhooks.partner.example/", "https:///x", "https://hooks.partner.example:99999/", "https://１２７.0.0.1/",
        "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "//hooks.partner.example/", "https://hooks.partner.example/\r\nX: y", "https://a b/",
        "https://-x.shops.example/", "https://" + "a" * 300 + ".shops.example/", "javascript:alert(1)", "",
    ],
)  # fmt: skip
def test_a_target_in_any_dress_is_refused_unasked(url: str) -> None:
    receiver = Receiver()
    with pytest.raises(Refusal) as refused:
        post(receiver, url)
    assert refused.value.code.startswith("partners.target_")
    assert receiver.asked == receiver.connected == []


def test_the_judged_address_is_the_one_connected_to() -> None:
    """DNS rebinding: the second answer would lead inside; the name is asked once."""

    class Rebinding(Receiver):
        def resolve(self, host: str, port: int) -> Sequence[str]:
            super().resolve(host, port)
            return [OPEN] if len(self.asked) == 1 else ["127.0.0.1"]

    receiver = Rebinding()
    assert post(receiver) == 204
    assert (receiver.asked, receiver.connected, receiver.names) == ([HOST], [(OPEN, 443)], [HOST])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    receiver = Receiver(answers=[status], more={"location": "https://169.254.169.254/"})
    assert post(receiver) == status
    assert len(receiver.connected) == 1


def test_a_long_answer_is_cut_and_a_slow_one_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refusal) as refused:
        post(Receiver(answers=[200], body=b"x" * (guard.MOST_ANSWER_BYTES + 1)))
    assert refused.value.code == "partners.target_talkative"
    monkeypatch.setattr(guard, "TIME_LIMIT_S", 0.2)

    class Drip(Receiver):
        def _serve(self, link: object) -> None:
            import time

            for _ in range(40):  # a byte now and then, for two seconds at most
                try:
                    link.send(b"H")  # type: ignore[attr-defined]
                except OSError:
                    return
                time.sleep(0.05)

    with pytest.raises(Refusal) as refused:
        post(Drip())
    assert refused.value.code in ("partners.target_silent", "partners.target_broken")


def test_certificate_is_checked_with_the_name() -> None:
    context = guard.Net().context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_loopback_needs_the_switch_and_a_sandbox() -> None:
    receiver = Receiver()
    url = "http://localhost:9099/hook"
    with pytest.raises(Refusal):
        post(receiver, url)
    assert post(receiver, url, guard.Policy(loopback=True)) == 204
    assert receiver.connected == [("127.0.0.1", 9099)]
    assert receiver.asked == []
    from django.conf import settings

    from sscard.partners.hooks import sending

    assert settings.CONFIG.hook_loopback is False
    assert sending.policy(True).loopback is False
    assert sending.policy(False).hosts == ()


@given(st.ip_addresses(v=6))
def test_what_is_open_in_v6_is_no_v4_in_disguise(address: object) -> None:
    if guard.is_open(str(address)):
        assert address.ipv4_mapped is None  # type: ignore[attr-defined]
        assert address.is_global  # type: ignore[attr-defined]


@given(st.ip_addresses(v=4))
def test_no_inner_v4_gets_through_in_any_form(address: object) -> None:
    import ipaddress

    number = int(address)  # type: ignore[call-overload]
    mapped = str(ipaddress.IPv6Address((0xFFFF << 32) | number))
    assert not guard.is_open(mapped)
    if not address.is_global:  # type: ignore[attr-defined]
        assert not guard.is_open(str(address))
        assert not guard.is_open(str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))))
        assert not guard.is_open(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | number)))
