"""Kill -9 of each process in turn while people work: nothing acknowledged is lost, nothing is done twice, no job stays stuck."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.sim.roster import write_roster
from sscard.sim.story.book import Book
from sscard.sim.story.client import Client, Line, Refused

AREA = "990100"
ROUNDS = 3
WRITERS = 3
PROCESSES = ("postgres", "keys", "portal", "worker")


@pytest.fixture
def founded(running_house: Any) -> Any:
    done = running_house.command("found")
    assert done.returncode == 0, done.stderr
    return running_house


def sign_in(house: Any, username: str) -> Client:
    who = Book(house.home).staff()[username]
    line = Line(house.url, house.home / "tls" / "authority.pem")
    body = {"username": who.username, "password": who.password, "code": who.code()}
    token = Client(line).json("POST", "/api/session", body)["token"]
    return Client(line, f"Bearer {token}", purpose="counter")


def form(number: int) -> dict[str, str]:
    return {
        "id_number": demo.citizen_id(date(1970 + number // 400, 1, 1), Sex.MALE, number % 400 + 1, "090101"),
        "name": "周小" + "甲乙丙丁戊己庚辛壬癸"[number % 10] + "一二三四五六七八九十"[number // 10 % 10],
        "sex": "男",
        "birth_date": date(1970 + number // 400, 1, 1).isoformat(),
        "nation": "汉",
        "category": "居民",
        "phone": demo.phone(5_000_000 + number),
        "household_address": f"云溪市虚构街{number}号",
    }


class Writer(threading.Thread):
    """Registers people one after another; keeps the key of each until it is acknowledged."""

    def __init__(self, token: Client, house: Any, first: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.client = Client(
            Line(house.url, house.home / "tls" / "authority.pem"), token.authorization, purpose="counter"
        )
        self.first, self.stop = first, stop
        self.acknowledged: dict[str, tuple[int, dict[str, Any]]] = {}
        self.errors: list[str] = []

    def run(self) -> None:
        number = self.first
        while not self.stop.is_set():
            key = f"kill-{number}-{uuid.uuid4().hex}"
            try:
                answer = self.client.act("people.register", key=key, form=form(number))
                self.acknowledged[key] = (number, answer)
            except Refused as refused:
                if refused.status < 500:
                    self.errors.append(str(refused))
            except Exception as error:  # in doubt: neither acknowledged nor refused
                self.errors.append(repr(error))
            number += 1


def test_nothing_acknowledged_is_lost_and_nothing_done_twice(founded: Any, tmp_path: Path) -> None:
    clerk = sign_in(founded, f"clerk.{AREA}")
    roster = tmp_path / "roster.csv"
    write_roster(roster, area=AREA, rows=1500, seed=11)
    content = roster.read_bytes()
    stop = threading.Event()
    writers = [Writer(clerk, founded, 1 + 1000 * n, stop) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    run = upload(clerk, content)
    for _ in range(ROUNDS):
        for name in PROCESSES:
            wait_until(lambda: founded.state and founded.state.ready, f"all to stand before {name} is killed")
            kill(founded, name)
            before = sum(len(writer.acknowledged) for writer in writers)
            wait_until(
                lambda n=before: sum(len(w.acknowledged) for w in writers) > n + WRITERS, f"work to go on after {name}"
            )
    stop.set()
    for writer in writers:
        writer.join(120)
        assert writer.errors == []
    wait_until(lambda: clerk.get(f"/api/imports/{run}")["state"] in ("checked", "failed"), "the dry run to end")
    clerk.act("people.register_roster", import_id=run)
    kill(founded, "worker")
    wait_until(lambda: clerk.get(f"/api/imports/{run}")["state"] == "done", "registering to go on after a kill")
    acknowledged = {key: one for writer in writers for key, one in writer.acknowledged.items()}
    assert len(acknowledged) > ROUNDS * len(PROCESSES)
    for key, (number, answer) in acknowledged.items():
        assert clerk.act("people.register", key=key, form=form(number)) == answer
    for number, answer in list(acknowledged.values())[::7]:
        found = clerk.get("/api/people", q=form(number)["id_number"])
        assert [one["public_id"] for one in found] == [answer["person"]]
    worker = founded.pids()["worker"]
    wait_until(lambda: not has_read_rosters(worker), "the worker to begin anew, with the memory that the roster took")
    assert "begins anew" in (founded.home / "log" / "worker.log").read_text(encoding="utf-8")
    again = upload(clerk, content)
    wait_until(lambda: clerk.get(f"/api/imports/{again}")["state"] in ("checked", "failed"), "the next dry run to end")
    assert founded.pids()["worker"] == worker  # it did not fall
    done = founded.command("audit", "verify")
    assert done.returncode == 0, done.stdout


def has_read_rosters(pid: int) -> bool:
    """The library that reads them is in the process."""
    return "_polars" in Path(f"/proc/{pid}/maps").read_text()


def kill(house: Any, name: str) -> None:
    """Kill -9 of one process by its own number; never of number 0, which would be all of us."""
    wait_until(lambda: house.pids().get(name, 0) > 1, f"the number of {name}")
    os.kill(house.pids()[name], signal.SIGKILL)


def upload(clerk: Client, content: bytes) -> str:
    border = uuid.uuid4().hex
    head = (
        f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="r.csv"\r\nContent-Type: text/csv\r\n\r\n'
    )
    body = head.encode() + content + f"\r\n--{border}--\r\n".encode()
    more = {"Content-Type": f"multipart/form-data; boundary={border}", "Idempotency-Key": uuid.uuid4().hex}
    return str(json.loads(clerk.raw("POST", "/api/rosters", body, **more))["import"])


def wait_until(is_so: Any, what: str, seconds: float = 180) -> None:
    """A generous hang bound, not a duration that is asserted."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.2)
