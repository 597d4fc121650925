"""Where a message may go, and nowhere else (T22): an approved host, by https, at an address of the open net.

The name is resolved once, every address that it has is judged, and the connection goes to the very address that was
judged, so that a name that changes its mind (DNS rebinding) gains nothing. Nothing is followed (no redirects), the answer
is read to a limit, and the whole takes no longer than `TIME_LIMIT_S`. `Net` is the outside world: tests give a false one.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from sscard.kernel.refusals import Refusal

TIME_LIMIT_S = 10.0
MOST_ANSWER_BYTES = 16 * 1024
MOST_URL = 300
PORTS = frozenset({443, 8443})
HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBERLIKE = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*\.?", re.IGNORECASE)
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
_SPECIAL = tuple(
    ipaddress.ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "fec0::/10", "3fff::/20")
)
"""Special by the registries, and not known as such to every version of `ipaddress`."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Policy:
    """`hosts`: the approved ones, `*.example.com` for all below a name. `loopback`: the switch for a sandbox on one's own
    machine, where the receiver stands beside it."""

    hosts: tuple[str, ...] = ()
    loopback: bool = False


def _resolve(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _connect(address: str, port: int, timeout: float) -> socket.socket:
    return socket.create_connection((address, port), timeout)


@dataclass(frozen=True, slots=True)
class Net:
    resolve: Callable[[str, int], Sequence[str]] = _resolve
    connect: Callable[[str, int, float], socket.socket] = _connect
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context


def check_url(url: str, policy: Policy) -> SplitResult:
    """The parts of a sound target. Raises partners.target_form, _scheme, _port, _not_approved, _inside."""
    if len(url) > MOST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Refusal("partners.target_form")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refusal("partners.target_form") from None
    host = (parts.hostname or "").rstrip(".")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise Refusal("partners.target_form")
    if host in LOOPBACK_HOSTS:
        if not policy.loopback or parts.scheme not in ("http", "https"):
            raise Refusal("partners.target_inside")
        return parts
    if parts.scheme != "https":
        raise Refusal("partners.target_scheme")
    if ":" in host or _NUMBERLIKE.fullmatch(host):
        raise Refusal("partners.target_inside")  # an address instead of a name, in whatever spelling
    if not HOST.fullmatch(host):
        raise Refusal("partners.target_form")
    if (port or 443) not in PORTS:
        raise Refusal("partners.target_port", ports=", ".join(str(one) for one in sorted(PORTS)))
    if not any(_covers(one, host) for one in policy.hosts):
        raise Refusal("partners.target_not_approved", host=host)
    return parts


def _covers(approved: str, host: str) -> bool:
    approved = approved.lower()
    return host.endswith(approved[1:]) if approved.startswith("*.") else host == approved


def is_open(text: str) -> bool:
    """Is this an address of the open net? Whatever hides an inner one inside an outer form counts as inner."""
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64_LOCAL:
            return False
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_open(str(inner)) and not address.ipv4_mapped
        if int(address) >> 32 == 0:  # ::a.b.c.d, the long-dead compatible form
            return False
    if any(address in one for one in _SPECIAL if one.version == address.version):
        return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not address.is_loopback and not address.is_link_local


def address_of(parts: SplitResult, policy: Policy, net: Net) -> str:
    """The one address to connect to. Every address of the name must be open: one inner among them condemns the name."""
    host = (parts.hostname or "").rstrip(".")
    if host in LOOPBACK_HOSTS and policy.loopback:
        return "::1" if host == "::1" else "127.0.0.1"
    try:
        found = list(net.resolve(host, parts.port or 443))
    except OSError:
        raise Refusal("partners.target_unknown", host=host) from None
    if not found:
        raise Refusal("partners.target_unknown", host=host)
    try:
        sound = all(is_open(one) for one in found)
    except ValueError:
        sound = False
    if not sound:
        raise Refusal("partners.target_inside")
    return found[0]


def post(url: str, headers: dict[str, str], body: bytes, policy: Policy, net: Net) -> int:
    """Send, and answer with the receiver's status. Raises partners.target_* when it can't or may not be reached."""
    parts = check_url(url, policy)
    address, secure = address_of(parts, policy, net), parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    end = time.monotonic() + TIME_LIMIT_S
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    link = http.client.HTTPConnection(host, port, timeout=TIME_LIMIT_S)
    hang_up: threading.Timer | None = None
    try:
        raw = net.connect(address, port, TIME_LIMIT_S)
        hang_up = threading.Timer(TIME_LIMIT_S, _hang_up, [raw])  # a byte now and then keeps no one waiting for ever
        hang_up.start()
        link.sock = net.context().wrap_socket(raw, server_hostname=host) if secure else raw
        link.request(
            "POST", path, body, {**headers, "content-type": "application/json", "user-agent": "sscard-hooks/1"}
        )
        answer = link.getresponse()
        _read_out(answer, end)
    except ssl.SSLError:
        raise Refusal("partners.target_certificate", host=host) from None
    except TimeoutError:
        raise Refusal("partners.target_silent", seconds=int(TIME_LIMIT_S)) from None
    except (OSError, http.client.HTTPException):
        late = time.monotonic() > end
        raise Refusal("partners.target_silent" if late else "partners.target_broken", **_broken(host)) from None
    else:
        return answer.status
    finally:
        if hang_up is not None:
            hang_up.cancel()
        link.close()


def _read_out(answer: http.client.HTTPResponse, end: float) -> None:
    read = 0
    while read <= MOST_ANSWER_BYTES and (piece := answer.read1(4096)):
        read += len(piece)
        if time.monotonic() > end:
            raise TimeoutError
    if read > MOST_ANSWER_BYTES:
        raise Refusal("partners.target_talkative", most=MOST_ANSWER_BYTES)


def _broken(host: str) -> dict[str, object]:
    return {"host": host, "seconds": int(TIME_LIMIT_S)}


def _hang_up(raw: socket.socket) -> None:
    with suppress(OSError):
        raw.shutdown(socket.SHUT_RDWR)
