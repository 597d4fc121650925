"""What a conformance run judges: each check is a sentence for the partner and a question to what was seen of his software."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sscard.partners.models import Delivery, RequestLine


@dataclass(frozen=True, slots=True)
class Seen:
    """What is judged: the calls since the run began, oldest first; the run's deliveries; ids the run made."""

    lines: Sequence[RequestLine]
    deliveries: dict[str, Delivery]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """`zh`, `en`: what the software has to do. `holds` judges."""

    code: str
    zh: str
    en: str
    holds: Callable[[Seen], bool]


def _succeeded(seen: Seen) -> bool:
    return any(one.status < 300 and one.path.startswith("/api/acts/") for one in seen.lines)


def _repeated(seen: Seen) -> bool:
    """The same key twice on the same act, and the second answer was the first one's replay."""
    first = {(one.path, one.idempotency) for one in seen.lines if one.idempotency and not one.replayed}
    return any(one.replayed and (one.path, one.idempotency) in first for one in seen.lines)


def _no_key_twice(seen: Seen) -> bool:
    return _succeeded(seen) and not any(one.code == "control.key_reused" for one in seen.lines)


def _read_refusal(seen: Seen) -> bool:
    """After a refusal of an act its code was looked up."""
    codes: set[str] = set()
    for one in seen.lines:
        if one.path.startswith("/api/errors/") and one.path.rpartition("/")[2] in codes and one.status == 200:
            return True
        if one.code and one.path.startswith("/api/acts/"):
            codes.add(one.code)
    return False


def _no_hammering(seen: Seen) -> bool:
    """No act was refused more than three times in a row under new keys with the same code."""
    row, last = 0, ("", "")
    for one in seen.lines:
        if not one.path.startswith("/api/acts/"):
            continue
        row = row + 1 if one.code and (one.path, one.code) == last and not one.replayed else 1
        last = (one.path, one.code)
        if one.code and row > 3:
            return False
    return _succeeded(seen)


def _own_trace(seen: Seen) -> bool:
    """Calls carry a trace id of the caller's own: ours have 32 hex digits, and no two are the same."""
    own_ = [one for one in seen.lines if not _is_ours(one.trace)]
    return len(own_) >= 3


def _is_ours(trace: str) -> bool:
    return len(trace) == 32 and all(c in "0123456789abcdef" for c in trace)


def _took_genuine(seen: Seen) -> bool:
    return seen.deliveries["genuine"].state == "sent"


def _refused_forged(seen: Seen) -> bool:
    return _took_genuine(seen) and seen.deliveries["forged"].state == "refused"


def _took_twice(seen: Seen) -> bool:
    """The same webhook-id twice: both are answered 2xx, the second does nothing."""
    return _took_genuine(seen) and seen.deliveries["again"].state == "sent"


def _handled_loss(seen: Seen) -> bool:
    """After the card was lost, its person's cards were read again."""
    path = f"/api/people/{seen.facts['person']}/cards"
    return seen.deliveries["loss"].state == "sent" and any(
        one.path == path and one.status == 200 and one.at >= seen.deliveries["loss"].made_at for one in seen.lines
    )


def _no_money_on_lost(seen: Seen) -> bool:
    return _handled_loss(seen) and not any(
        one.code in ("bank.lost", "cards.social_temp_loss") and one.path.startswith("/api/acts/") for one in seen.lines
    )


CHECKS = (
    Check("signed_in", "用密钥或令牌调用，并办成一件事", "Calls with key or token, and gets one act done", _succeeded),
    Check("replay", "用同一个幂等键重试，看到重放标志", "Repeats an act under its key and sees the replay", _repeated),
    Check("fresh_keys", "不同内容不用同一个幂等键", "Never uses one key for two different requests", _no_key_twice),
    Check("refusal_read", "被拒绝后按代码查错误目录", "After a refusal looks its code up in the catalogue", _read_refusal),
    Check("no_hammering", "被拒绝后不反复硬试", "Does not hammer after a refusal", _no_hammering),
    Check("trace", "每次调用带自己的追踪号", "Sends trace ids of its own", _own_trace),
    Check("hook_genuine", "收下签名正确的事件", "Takes a message that is rightly signed", _took_genuine),
    Check("hook_forged", "拒绝签名不对的事件", "Refuses a message with a wrong signature", _refused_forged),
    Check("hook_twice", "同一事件收到两次不出错", "Takes the same message twice without harm", _took_twice),
    Check("loss", "收到挂失事件后重新查卡", "Looks at the card again after its loss", _handled_loss),
    Check("loss_money", "挂失后不再用那张卡", "Does not use the lost card any more", _no_money_on_lost),
)  # fmt: skip
