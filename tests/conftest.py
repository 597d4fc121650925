"""What every test may ask for: a real PostgreSQL, a real key service, a migrated database of one's own.

* `postgres`     one server a run, in a temporary home; `postgres.urls("name")`, `postgres.admin_url()`
* `key_service`  one key service process a run
* `house`        Django points at a fresh database, cloned from a migrated template, as the role `sscard_app` (so that
                 row-level security bites); one a test module; commits are real: the door opens its own transactions
* `db`           the same, by pytest-django's name (also `transactional_db` and the mark `django_db`)
* `fresh_house`  a database for this one test
* `running_house` all of it as `sscard up` starts it, in a home and on a port of its own, for tests through the outside

The environment is set before Django reads its settings, so they are named here and not in pyproject.toml.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from homes import new_home

_OURS = ("SSCARD_NO_SKIP", "SSCARD_PICTURES")
for _name in [name for name in os.environ if name.startswith("SSCARD_") and name not in _OURS]:
    del os.environ[_name]  # a test run never touches an installation of yours
HOME = new_home("sscard-test-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ |= {"SSCARD_HOME": str(HOME), "SSCARD_PROFILE": "test", "SSCARD_POSTGRES_MAX_CONNECTIONS": "100"}
if find_spec("sscard.app.settings"):
    os.environ["DJANGO_SETTINGS_MODULE"] = "sscard.app.settings"

from hypothesis import HealthCheck, settings  # noqa: E402

import ready_cluster  # noqa: E402
from sscard.app import config  # noqa: E402
from sscard.app.postgres import Postgres  # noqa: E402
from tests_support import House, KeyService, RunningHouse, Template, fresh_name  # noqa: E402

ready_cluster.begin()
# No test asserts a duration: a busy machine is no fault.
settings.register_profile("sscard", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sscard")


def pytest_configure() -> None:
    """Django is set up before the test modules import models."""
    if find_spec("sscard.app.settings"):
        import django
        from django.conf import settings as house_settings

        django.setup()
        house_settings.PASSWORD_HASHERS = ["quick_hashing.QuickArgon2"]


# -- several workers at a time (scripts/test): a file stays with one worker, the city's files stay together ------------
LONG_FIRST = ("tests/rows/", "tests/app/", "tests/portal/")
NO_CITY = ("tests/rows/test_batch_of_chips.py", "tests/rows/test_chip_rows.py",
           "tests/rows/test_city_with_its_own_keys.py")  # fmt: skip
"""Rows that are proved without the city; the others' files stay together, as the city is filled once."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "tests/rows" if file.startswith("tests/rows/") and file not in NO_CITY else file

    return ByFile(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """A worker inherits our environment, and would read its settings before it has a home of its own."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones begin, so that no worker sits alone with them at the end; within that the order stays random."""
    order = {folder: at for at, folder in enumerate(LONG_FIRST)}
    items.sort(key=lambda item: order.get("/".join(item.nodeid.split("/")[:2]) + "/", len(order)))


# -- servers, once a run -----------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres(config.load())
    ready_cluster.lay_into(server.config)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)
    shutil.rmtree(server.config.runtime, ignore_errors=True)


@pytest.fixture(scope="session")
def key_service() -> Iterator[KeyService]:
    service = KeyService(config.load())
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> Template:
    """The migrated database that the tests' databases are cloned from; migrated by the owner's role."""
    return Template(postgres)


# -- a database a module, or a test ------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def _module_house(
    request: pytest.FixtureRequest, template: Template, key_service: KeyService, django_db_blocker: object
) -> Iterator[House]:
    house = House.clone(template, fresh_name(request.module.__name__), key_service)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield house
        house.drop()


@pytest.fixture
def house(_module_house: House) -> Iterator[House]:
    with _module_house.entered():
        yield _module_house


@pytest.fixture
def fresh_house(
    request: pytest.FixtureRequest, template: Template, key_service: KeyService, django_db_blocker: object
) -> Iterator[House]:
    house = House.clone(template, fresh_name(re.sub(r"\W", "_", request.node.name)), key_service)
    with django_db_blocker.unblock(), house.entered():  # type: ignore[attr-defined]
        yield house
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        house.drop()


@pytest.fixture(scope="session")
def running_house() -> Iterator[RunningHouse]:
    house = RunningHouse.ready()
    house.up()
    yield house
    house.end()


# -- pytest-django's own names; it never makes a database of its own, and never wraps a test in a transaction ----------
@pytest.fixture(scope="session")
def django_db_setup() -> None:
    return None


@pytest.fixture
def db(house: House) -> House:
    return house


@pytest.fixture
def transactional_db(house: House) -> House:
    return house


@pytest.fixture
def _django_db_helper(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("house")


# -- no skip where none is allowed (CI, root) --------------------------------------------------------------------------
NO_SKIP = os.environ.get("SSCARD_NO_SKIP") == "1"


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"no test may be skipped here; this one said: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> object:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> object:
    report = yield
    _refuse_skip(report)
    return report
