"""The launcher against the real server: crash, stale lock, two side by side, roles, unsafe settings."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from sscard.app import config
from sscard.app.database import (
    DatabaseFault,
    Urls,
    create_database,
    django_database,
    drop_database,
    unsafe_settings,
    url_of,
)
from sscard.app.postgres import Postgres, external

Maker = Callable[..., Postgres]


@pytest.fixture
def cluster() -> Iterator[Maker]:
    """Makes servers with homes of their own, and stops what is left of them.

    Not below pytest's folder: another run beside this one would close it to PostgreSQL's user.
    """
    made: list[Postgres] = []
    folder = Path(tempfile.mkdtemp(prefix="sscard-cluster-"))
    folder.chmod(0o711)

    def make(name: str = "home", **settings: str) -> Postgres:
        environ = {f"SSCARD_{key.upper()}": value for key, value in settings.items()}
        made.append(Postgres(config.load({"SSCARD_HOME": str(folder / name), "SSCARD_PROFILE": "test", **environ})))
        return made[-1]

    yield make
    for server in made:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(server.config.runtime, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def wait_gone(pid: int) -> None:
    for _ in range(600):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} is still there")


def test_roles_and_their_powers(postgres: Postgres) -> None:
    urls = postgres.urls()
    with psycopg.connect(postgres.admin_url()) as connection:
        rows = connection.execute(
            "select rolname, rolcanlogin, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolinherit "
            "from pg_roles where rolname like 'sscard%' and rolname <> 'sscard_admin' and rolname <> 'sscard_bank'"
        ).fetchall()
    assert sorted(rows) == [(f"sscard_{name}", True, False) for name in ("app", "backup", "owner", "report", "sealer")]
    for url in (urls.app, urls.owner, urls.sealer, urls.report, urls.backup):
        psycopg.connect(url).close()
    with pytest.raises(psycopg.OperationalError, match=r"not permitted|authentication failed"):
        psycopg.connect(url_of(user="sscard_bank", password="x", dbname="sscard", host="127.0.0.1", port=postgres.port))


def test_the_app_has_the_banks_rights_only_after_set_role(postgres: Postgres) -> None:
    create_database(postgres.admin_url(), "bank_rights")
    urls = postgres.urls("bank_rights")
    with psycopg.connect(urls.owner) as owner:
        owner.execute("create table vault (fen bigint)")
        owner.execute("grant usage on schema public to sscard_app, sscard_bank")
        owner.execute("grant select on vault to sscard_bank")
    with psycopg.connect(urls.app) as app:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("select * from vault")
        app.rollback()
        app.execute("set local role sscard_bank")
        assert app.execute("select * from vault").fetchall() == []
        app.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("create table mine (x int)")
    drop_database(postgres.admin_url(), "bank_rights")


def test_a_password_is_needed_on_socket_and_port(postgres: Postgres) -> None:
    for host in (str(postgres.sockets), "127.0.0.1"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url_of(user="sscard_app", password="wrong", dbname="sscard", host=host, port=postgres.port))


def test_it_never_runs_as_root_and_its_files_are_closed(postgres: Postgres) -> None:
    assert postgres.process is not None
    owner = Path(f"/proc/{postgres.process.pid}").stat().st_uid
    assert owner == (postgres.who.uid if os.geteuid() == 0 else os.geteuid()) != 0
    assert postgres.data.stat().st_mode & 0o077 == 0
    for secret in (postgres.config.home / "secrets").iterdir():
        assert secret.stat().st_mode & 0o077 == 0
    assert "password" not in repr(postgres.urls())


def test_what_was_committed_survives_kill_9_and_the_stale_lock(cluster: Maker) -> None:
    server = cluster()
    urls = server.start()
    assert server.process is not None
    for round_ in range(3):
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            connection.execute("create table if not exists kept (round int)")
            connection.execute("insert into kept values (%s)", [round_])
        killed = server.process.pid
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        assert not server.running()  # a killed server is seen at once
        assert (server.data / "postmaster.pid").is_file()
        urls = server.start()
        assert server.process.pid != killed
    with psycopg.connect(urls.owner) as connection:
        assert connection.execute("select array_agg(round order by round) from kept").fetchone() == ([0, 1, 2],)


def test_a_lock_file_with_the_number_of_a_stranger_does_not_keep_it_down(cluster: Maker) -> None:
    server = cluster()
    server.start()
    lock = server.data / "postmaster.pid"
    lines = lock.read_text().split("\n")
    server.stop()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    server.who.own(lock, 0o600)
    server.start()
    assert server.running()


def test_a_second_start_on_the_same_data_is_refused_with_the_process(cluster: Maker) -> None:
    server = cluster()
    server.start()
    assert server.process is not None
    with pytest.raises(DatabaseFault, match=rf"already runs.*process {server.process.pid}"):
        Postgres(server.config).start()
    assert server.running()


def test_two_side_by_side_and_each_again_on_its_own_port(cluster: Maker) -> None:
    one, two = cluster("one"), cluster("two")
    first, second = one.start(), two.start()
    assert one.port != two.port
    assert one.config.runtime != two.config.runtime
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(
            first.app.replace(str(one.port), str(two.port)).replace(one.config.runtime.name, two.config.runtime.name)
        )
    port = one.port
    one.stop()
    psycopg.connect(second.app).close()
    one.start()
    assert one.port == port


def test_a_taken_port_is_refused_when_configured_and_changed_when_not(cluster: Maker) -> None:
    one = cluster("one")
    one.start()
    with pytest.raises(DatabaseFault, match=f"Port {one.port} is taken"):
        cluster("two", postgres_port=str(one.port)).start()
    three = cluster("three")
    three._folders()
    (three.folder / "port").write_text(str(one.port))
    three.start()
    assert three.port != one.port


def test_it_falls_with_the_process_that_started_it(cluster: Maker, tmp_path: Path) -> None:
    server = cluster()
    code = (
        "import time, sys\nfrom sscard.app import config\nfrom sscard.app.postgres import Postgres\n"
        "p = Postgres(config.load()); p.start(); print(p.process.pid, flush=True); time.sleep(600)"
    )
    environ = {**os.environ, "SSCARD_HOME": str(server.config.home)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    wait_gone(pid)
    server.start()


def test_half_made_data_is_made_anew(cluster: Maker) -> None:
    server = cluster()
    server._folders()
    part = server.folder / "data.part"
    part.mkdir()
    (part / "PG_VERSION").write_text("18")
    server.start()
    assert server.running()


def test_unsafe_settings_are_all_found(cluster: Maker) -> None:
    server = cluster()
    server.start()
    with psycopg.connect(server.admin_url(), autocommit=True) as connection:
        connection.execute("alter role sscard_app set synchronous_commit = off")
        connection.execute("alter role sscard_app bypassrls")
    found = {one.code: (one.value, one.fatal) for one in unsafe_settings(server.urls().app, production=False)}
    assert found == {"synchronous_commit": ("off", True), "app_is_powerful": ("bypassrls", True)}
    server.stop()
    with pytest.raises(DatabaseFault, match="synchronous_commit=off"):
        server.start()  # the powers are taken away by the start, the setting is not ours to change
    assert not server.running()


def test_your_own_server_gets_its_missing_roles_or_names_the_sql(cluster: Maker, tmp_path: Path) -> None:
    server = cluster()
    server.start()
    with psycopg.connect(server.admin_url(), autocommit=True) as connection:
        connection.execute("drop owned by sscard_sealer")
        connection.execute("revoke connect on database sscard from sscard_sealer")
        connection.execute("drop role sscard_sealer")
    urls = server.urls()
    yours = replace(server.config, home=tmp_path / "yours", database_url=urls.app, owner_url=urls.owner)
    with pytest.raises(DatabaseFault, match=r'create role "sscard_sealer" login .* password \'…\';') as refusal:
        external(yours)
    assert server.urls().owner not in str(refusal.value)
    with psycopg.connect(server.admin_url(), autocommit=True) as connection:
        connection.execute("alter role sscard_owner createrole")
    made = external(yours)
    assert isinstance(made, Urls)
    with psycopg.connect(server.admin_url(), autocommit=True) as connection:
        connection.execute("grant connect on database sscard to sscard_sealer")
    psycopg.connect(made.sealer).close()


@pytest.mark.parametrize("password", ["plain", "p@ss/w:rd?&=%#", "密码 space"])
def test_urls_carry_any_password_to_django(password: str) -> None:
    entry = django_database(url_of(user="sscard_app", password=password, dbname="sscard", host="/run/x", port=5432))
    assert (entry["PASSWORD"], entry["HOST"], entry["PORT"], entry["NAME"]) == (password, "/run/x", "5432", "sscard")
    entry = django_database(url_of(user="a", password=password, dbname="d", host="h", port=1, sslmode="require"))
    assert (entry["PASSWORD"], entry["HOST"], entry["OPTIONS"]["sslmode"]) == (password, "h", "require")
