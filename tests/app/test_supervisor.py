"""`sscard up` with its real processes: each killed in turn, stopped in order, nobody left behind."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sscard.app.config import default_runtime
from sscard.app.memory import started_at, tree
from tests_support import RunningHouse


@pytest.fixture
def house() -> Iterator[RunningHouse]:
    """From nothing: its first start makes its database."""
    one = RunningHouse.make()
    yield one
    one.end()


@pytest.fixture
def ready_house() -> Iterator[RunningHouse]:
    one = RunningHouse.ready()
    yield one
    one.end()


def marks_of(pid: int) -> dict[int, int | None]:
    """Every process below, with its start, so that a reused pid is not taken for it."""
    return {one.pid: started_at(one.pid) for one in tree(pid)}


def left_of(marks: dict[int, int | None]) -> list[int]:
    return [pid for pid, start in marks.items() if start is not None and started_at(pid) == start]


def shakes_hands(house: RunningHouse) -> bool:
    try:
        with socket.create_connection(("localhost", house.port), 2) as raw:
            house.tls().wrap_socket(raw, server_hostname="localhost").close()
    except OSError:
        return False
    return True


def test_each_killed_process_is_back_and_the_house_goes_on(running_house: RunningHouse) -> None:
    house = running_house
    assert shakes_hands(house)
    for name in ("keys", "worker", "portal", "postgres"):
        pid, restarts = house.pids()[name], house.restarts()[name]
        os.kill(pid, signal.SIGKILL)
        house.wait_for(lambda name=name, restarts=restarts: house.restarts()[name] == restarts + 1)
        assert house.pids()[name] != pid
    house.wait_for(lambda: shakes_hands(house))
    with psycopg.connect(house.config.urls().app) as connection:
        assert connection.execute("select current_user").fetchone() == ("sscard_app",)
    assert "portal fell (-9)" in house.out


def test_a_killed_web_worker_does_not_leave_the_port_dead(running_house: RunningHouse) -> None:
    house = running_house
    house.wait_for(lambda: shakes_hands(house))
    portal = house.pids()["portal"]
    house.wait_for(lambda: len(tree(portal)) > 1)
    restarts = house.restarts()["portal"]
    worker = [one.pid for one in tree(portal) if one.parent == portal]
    for pid in worker:
        os.kill(pid, signal.SIGKILL)
    house.wait_for(lambda: house.restarts()["portal"] > restarts)
    house.wait_for(lambda: shakes_hands(house))


def test_status_and_memory_name_every_process(running_house: RunningHouse) -> None:
    house = running_house
    house.wait_for(lambda: all(house.pids().values()))
    for words in (("status",), ("doctor", "--memory")):
        said = house.command(*words)
        assert said.returncode == 0, said.stderr
        for name, pid in house.pids().items():
            assert any(line.split()[:2] == [name, str(pid)] for line in said.stdout.splitlines())
        parts = [int(line.split()[5]) for line in said.stdout.splitlines()[1:] if len(line.split()) > 5]
        total = int(said.stdout.splitlines()[-1].split()[1])
        assert len(parts) >= 5
        assert all(part > 5 for part in parts)
        assert abs(total - sum(parts)) <= len(parts)


def test_doctor_finds_nothing_wrong_in_a_running_house_and_a_loosened_server(running_house: RunningHouse) -> None:
    house = running_house
    house.wait_for(lambda: all(house.pids().values()) and shakes_hands(house))
    said = house.command("doctor")
    assert "sscard is running" in said.stdout
    assert said.returncode == 0, said.stdout
    owner = house.config.urls()
    with psycopg.connect(owner.on("postgres").admin, autocommit=True) as connection:
        connection.execute("alter role sscard_app set synchronous_commit = off")
        said = house.command("doctor")
        connection.execute("alter role sscard_app reset synchronous_commit")
    assert said.returncode == 1
    assert "synchronous_commit is off: what was promised as done may be gone after a power cut." in said.stdout


def test_a_second_house_on_the_same_home_is_refused(running_house: RunningHouse) -> None:
    said = running_house.command("up")
    assert said.returncode == 1
    assert f"already runs for this home folder ({running_house.home})" in said.stderr


def test_a_taken_port_names_the_program_that_holds_it(house: RunningHouse) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", house.port))
        taken.listen()
        for words in (("up",), ("doctor",)):
            said = house.command(*words)
            assert said.returncode == 1
            assert f"Port {house.port} is taken by" in said.stdout + said.stderr
            assert f"(process {os.getpid()})" in said.stdout + said.stderr
    assert house.state is None


def test_ctrl_c_stops_all_and_down_too(house: RunningHouse) -> None:
    house.up()
    assert house.process is not None
    marks = marks_of(house.process.pid)
    assert len(marks) > 8
    assert house.down() == 0
    assert house.out.rstrip().endswith("all stopped")
    assert left_of(marks) == []
    assert house.state is None
    assert house.command("status").returncode == 3
    house.up()
    marks = marks_of(house.process.pid)
    assert house.command("down").returncode == 0
    house.process.wait(30)
    assert left_of(marks) == []
    assert not default_runtime(house.home).exists()


def test_a_killed_supervisor_leaves_no_orphan_and_can_start_again(ready_house: RunningHouse) -> None:
    house = ready_house
    house.up()
    assert house.process is not None
    marks = marks_of(house.process.pid)
    house.process.kill()
    house.process.wait()
    house.wait_for(lambda: left_of(marks) == [], 30)
    assert house.state is None  # the file is there, but tells of nobody alive
    house.up()
    assert shakes_hands(house)


def test_sigterm_while_it_starts_ends_it_whole(house: RunningHouse) -> None:
    house.begin()
    assert house.process is not None
    house.wait_for(lambda: "making the database" in house.out)
    time.sleep(0.3)
    marks = marks_of(house.process.pid)
    house.process.send_signal(signal.SIGTERM)
    house.process.wait(60)
    house.wait_for(lambda: left_of(marks) == [])


def test_a_process_that_does_not_start_is_named_with_its_last_words(ready_house: RunningHouse, tmp_path: Path) -> None:
    house = ready_house
    broken = {"SSCARD_TLS_CERTIFICATE": str(tmp_path / "none.pem"), "SSCARD_TLS_KEY": str(tmp_path / "none.key")}
    said = house.command("up", **broken)
    assert said.returncode == 1
    assert "portal does not start; its log" in said.stderr
    assert "none.pem" in said.stderr
    assert house.state is None


def test_production_with_the_demo_keys_does_not_start(house: RunningHouse) -> None:
    (house.home / "sscard.toml").write_text('profile = "production"\ndebug = true\n')
    said = house.command("up")
    assert said.returncode == 1
    for part in ("debug is on", "No secret_key was given", "key_store is the demo's"):
        assert part in said.stderr
    doctor = house.command("doctor")
    assert doctor.returncode == 1
    assert "key_store is the demo's" in doctor.stdout
