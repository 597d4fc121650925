"""Killed, stopped and cut off from its database: nothing that was answered is lost, nothing is booked twice."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
import uuid
from typing import Any

import bank_kit as kit
import pytest
import savings_kit as savings
from gateway_kit import Gateway, Program, running

CLIENTS = 16


class Load:
    """Clients that pay in one fen again and again, each key until it is answered."""

    def __init__(self, gateway: Gateway, program: Program, accounts: list[uuid.UUID]) -> None:
        self.gateway, self.program, self.accounts = gateway, program, accounts
        self.answered: dict[str, dict[str, Any]] = {}
        self.asked: dict[str, uuid.UUID] = {}
        self.last: object = None
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, count: int) -> None:
        end, already = time.monotonic() + 40, len(self.answered)
        while len(self.answered) < already + count:
            assert time.monotonic() < end, f"no answers any more; at last: {self.last}"
            time.sleep(0.02)

    def _client(self, number: int) -> None:
        turn = 0
        while not self._stop.is_set():
            key, account = f"{number}-{turn}", self.accounts[turn % len(self.accounts)]
            self.asked[key] = account
            link = self.gateway.connect()
            try:
                while key not in self.answered and not self._stop.is_set():
                    answer = self.gateway.deposit(self.program, account, 1, key=key, link=link)
                    self.last = answer.body.get("code")
                    if answer.status == 200:
                        self.answered[key] = answer.body
                        turn += 1
                        key, account = f"{number}-{turn}", self.accounts[turn % len(self.accounts)]
                        self.asked[key] = account
            except (OSError, http.client.HTTPException) as error:
                self.last = error
                time.sleep(0.05)
            finally:
                link.close()


def check(load: Load, holders: list[kit.Holder]) -> None:
    """What was answered stands once; what stands was asked for."""
    from sscard.ledger import reads
    from sscard.ledger.models import Entry, Posting

    with kit.in_bank(holders[0]):
        assert reads.trial_balance().sound
        rows = Posting.objects.filter(caller_id=load.program.program_id)
        booked = dict(rows.filter(status="posted").values_list("key", "transfer_id"))
        entries = list(
            Entry.objects.filter(side="C", kind="deposit", amount_fen=1).values_list("transfer_id", flat=True)
        )
    assert set(booked) <= set(load.asked)
    assert {key: str(booked.get(key)) for key in load.answered} == {k: a["transfer"] for k, a in load.answered.items()}
    assert sorted(entries) == sorted(booked.values())


def test_kill_minus_nine_under_load_and_a_stop_in_order(fresh_house: Any) -> None:
    holders = [savings.rich(0) for _ in range(4)]
    program = Program.registered()
    with running(fresh_house) as gateway:
        with Load(gateway, program, [one.account for one in holders]) as load:
            load.wait_for(100)
            gateway.stop(signal.SIGKILL)
            gateway.start()
            load.wait_for(100)
            assert gateway.stop(signal.SIGTERM) == 0  # drains: who was being served has his answer
            gateway.start()
            load.wait_for(50)
        check(load, holders)


def test_the_database_goes_and_comes_back(fresh_house: Any) -> None:
    holders = [savings.rich(0) for _ in range(2)]
    program = Program.registered()
    with running(fresh_house) as gateway:
        with Load(gateway, program, [one.account for one in holders]) as load:
            load.wait_for(50)
            for _ in range(2):
                _cut_connections(fresh_house)
                load.wait_for(50)
        check(load, holders)


def _cut_connections(house: Any) -> None:
    """As when PostgreSQL falls: every connection of the database ends at once."""
    import psycopg

    with psycopg.connect(house.postgres.admin_url(), autocommit=True) as link:
        link.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [house.database])
    from django.db import connections

    connections.close_all()


@pytest.mark.slow
def test_the_supervisor_starts_it_again(running_house: Any) -> None:
    before = running_house.pids()["gateway"]
    os.kill(before, signal.SIGKILL)
    running_house.wait_for(lambda: running_house.restarts().get("gateway", 0) > 0)
    running_house.wait_for(lambda: _healthy(running_house))
    assert running_house.pids()["gateway"] != before


def _healthy(house: Any) -> bool:
    link = http.client.HTTPSConnection("localhost", house.gateway_port, timeout=10, context=house.tls())
    try:
        link.request("GET", "/health")
        return link.getresponse().status == 200
    except OSError:
        return False
    finally:
        link.close()
