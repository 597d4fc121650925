"""The world that steps act in: who is who, how each of them reaches the service, and what has happened so far."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sscard.sim.devices import Desk, Enrolment, VirtualCard, VirtualPerson, Wallet
from sscard.sim.devices.wallet import KINDS
from sscard.sim.story.book import Book, Member
from sscard.sim.story.client import Client, Line, Refused
from sscard.sim.story.steps import Do, Wrong
from sscard.terminals.client import DeviceRefused

JOB_WAIT_S: Final = 600.0
TOTP_TRIES: Final = 40


@dataclass(slots=True)
class Hero:
    """Somebody whom the story takes along. `public` is his id in the service, the numbers are on his own papers."""

    body: VirtualPerson
    phone: str = field(repr=False)
    birth: str = field(repr=False)
    category: str = ""
    employer: str = ""
    public: str = ""
    photo: bytes = field(repr=False, default=b"")
    card: str = ""
    application: str = ""
    account: str = ""
    plastic: VirtualCard | None = None
    pin: str = field(repr=False, default="739518")
    social_pin: str = field(repr=False, default="628415")
    member: Member | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a story happens: the card's bank, the hall where it is fetched, a branch of that bank, one of another bank."""

    bank: str
    hall: str
    branch: str
    other_branch: str


PLACES: Final[Mapping[str, Place]] = {
    "990100": Place("CCB", "990100-B01", "990100-CCB-01", "990100-ICBC-01"),
    "990200": Place("CCB", "990200-B01", "990200-CCB-01", "990200-ABC-01"),
}
TWIN: Final = {"990100": "990200", "990200": "990100"}


@dataclass(slots=True)
class World:
    """`masked`: ids, times and numbers do not appear in what is told, so that the same seed tells the same text."""

    url: str
    trust: Path | None
    home: Path
    lang: str = "zh"
    area: str = "990100"
    seed: int | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """Of the programs that are started."""
    book: Book = field(init=False)
    wallet: Wallet = field(init=False)
    line: Line = field(init=False)
    heroes: dict[str, Hero] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    _clients: dict[str, Client] = field(default_factory=dict)
    _begun: dict[Do, Future[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book, self.wallet = Book(self.home), Wallet(self.home / "wallet")
        self.line = Line(self.url, self.trust)

    @property
    def folder(self) -> Path:
        """Where the story's files go from hand to hand."""
        path = self.home / "demo" / "post"
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    @property
    def place(self) -> Place:
        return PLACES[self.area]

    @property
    def twin_area(self) -> str:
        """The other demo area, with other rules."""
        return TWIN[self.area]

    def twin(self) -> World:
        """The same world from the other area's side; it keeps its own people."""
        if "twin" not in self.facts:
            self.facts["twin"] = World(
                self.url, self.trust, self.home, self.lang, self.twin_area, self.seed, self.environ
            )
        found: World = self.facts["twin"]
        return found

    def begin(self, do: Do) -> None:
        """Do it meanwhile, in a thread: something of another area, whose world has people and a line of its own."""
        hand = ThreadPoolExecutor(1)
        self._begun[do] = hand.submit(do, self.twin())
        hand.shutdown(wait=False)

    def finish(self, do: Do) -> None:
        """Wait for it; done now, if nobody began it."""
        if do in self._begun:
            self._begun.pop(do).result()
        else:
            do(self.twin())

    @property
    def hero(self) -> Hero:
        return self.heroes["hero"]

    # -- who
    def nobody(self) -> Client:
        return Client(self.line, lang=self.lang)

    def staff(self, name: str) -> Client:
        """A member of staff, signed in. `name` without area means this story's area."""
        username = name if "." in name else f"{name}.{self.area}"
        found = self.book.staff().get(username)
        if found is None:
            raise Wrong(f"the demo has no {username}; run sscard demo first")
        return self._signed_in(username, found)

    def holder(self, who: str = "hero") -> Client:
        member = self.heroes[who].member
        assert member is not None, "the holder has not set up his sign-in"
        return self._signed_in(member.username, member)

    def bank_site(self, bank: str = "") -> Client:
        """Somebody who opens a bank's own site: on the same line, by the name that the demo gives it."""
        port = self.line.base_url.rpartition(":")[2]
        return Client(self.line, lang=self.lang, host=f"{(bank or self.place.bank).lower()}.localhost:{port}")

    def program(self, name: str) -> Client:
        """A program with its own key."""
        key = self.book.programs()[name]
        import base64

        mark = base64.b64encode(f"{key.name}:{key.secret}".encode()).decode()
        return Client(self.line, f"Basic {mark}", lang=self.lang)

    def _signed_in(self, name: str, member: Member) -> Client:
        if name in self._clients:
            return self._clients[name]
        area = "" if member.area else self.area
        purpose = "counter" if member.kind == "staff" else ""
        client = Client(self.line, area=area, lang=self.lang, purpose=purpose)
        client.authorization = self._bearer(member)
        client.renew = lambda: self._bearer(member)
        self._clients[name] = client
        return client

    def _bearer(self, member: Member) -> str:
        """The session that is kept in the book, when it still lives; else a new one."""
        token = self.book.session(member.username)
        kept = f"Bearer {token}"
        if token and _still_good(Client(self.line, kept, area="" if member.area else self.area)):
            return kept
        token = sign_in(self.nobody(), member)
        self.book.keep_session(member.username, token)
        return f"Bearer {token}"

    def took_session(self, member: Member, token: str) -> None:
        """A session that was opened elsewhere, such as by the first sign-in."""
        self.book.keep_session(member.username, token)
        client = Client(self.line, f"Bearer {token}", lang=self.lang, renew=lambda: self._bearer(member))
        self._clients[member.username] = client

    # -- four eyes
    def approve(self, who: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The second person signs what waits: exactly the request that he is shown."""
        if answer.get("waiting_for") != "second_person":
            raise Wrong("the act did not wait for a second person")
        client = self.staff(who)
        found = [one for one in client.get("/api/approvals") if one["approval"] == answer["approval"]]
        if not found:
            raise Wrong("the request does not stand in the second person's list")
        return client.act("control.approve", approval=found[0]["approval"], digest=found[0]["digest"])

    # -- devices
    def terminal(self, outlet: str, kind: str = "counter") -> str:
        """Code of the terminal at an outlet; the name is a rule of the demo's."""
        return f"{'K' if kind == 'kiosk' else 'C'}-{outlet}"

    def desk(self, outlet: str, kind: str = "counter") -> Desk:
        return Desk(self._post, self.wallet, self.terminal(outlet, kind))

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """How devices speak: like everybody, and patiently."""
        try:
            return dict(self.nobody().json("POST", path, dict(body)))
        except Refused as no:
            told = {lang: no.sentence(lang) for lang in ("zh", "en")}
            raise DeviceRefused(no.code, told, {lang: no.next_step(lang) for lang in ("zh", "en")}) from None

    def settle_terminal(self, admin: Client, code: str, kind: str, organisation: str, outlet: str) -> bool:
        """Register a terminal with its four devices; False when it stands there already."""
        if code in self.wallet.terminals():
            return False
        try:
            admin.act("terminals.register", code=code, kind=kind, organisation=organisation, outlet=outlet)
        except Refused as no:
            if "terminals.code_taken" not in no.codes():
                raise
        for device in KINDS:
            begun = Enrolment.begin(code, device)
            answer = admin.act("terminals.enrol_device", terminal=code, kind=device, public=begun.public)
            begun.finish(self.wallet, answer)
        return True

    def session(self, who: Client, outlet: str, matter: str, *wanted: str, kind: str = "counter") -> str:
        """Open a device session at a terminal."""
        code = self.terminal(outlet, kind)
        return str(who.act("terminals.open_session", terminal=code, matter=matter, wanted=list(wanted))["session"])

    # -- programs and jobs
    def run(self, *words: str, **environ: str) -> str:
        """Run one of the programs, as its owner would at his own machine; what it printed."""
        line = [sys.executable, "-m", "sscard.app.command", *words]
        env = {**self.environ, **environ, "SSCARD_HOME": str(self.home), "SSCARD_LANGUAGE": self.lang}
        done = subprocess.run(line, env=env, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            raise Wrong(f"sscard {' '.join(words[:2])}: {(done.stderr or done.stdout).strip()[-600:]}")
        return done.stdout

    def wait(self, client: Client, path: str, while_in: tuple[str, ...]) -> dict[str, Any]:
        """Look at long work until it is done."""
        end, pause = time.monotonic() + JOB_WAIT_S, 0.05
        while True:
            found = dict(client.get(path))
            if found["state"] not in while_in:
                return found
            if time.monotonic() > end:
                raise Wrong(f"{path} still {found['state']}")
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)

    def shown(self, value: object) -> str:
        """A value that differs from run to run, as the story may show it."""
        return "···" if self.seed is not None else str(value)


@contextmanager
def saying(lang: str) -> Iterator[None]:
    """Whatever goes wrong outside of a story's steps is said in sentences, with exit code 1."""
    try:
        yield
    except Refused as no:
        print(no.sentence(lang), *no.faults(lang), no.next_step(lang), f"[{no}]", sep="\n", file=sys.stderr)
        raise SystemExit(1) from None
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        raise SystemExit(1) from None


def _still_good(client: Client) -> bool:
    try:
        client.get("/api/approvals" if not client.authorization.startswith("Basic") else "/api/batches")
    except Refused as no:
        return no.status != 401
    return True


def sign_in(client: Client, member: Member) -> str:
    """A fresh session's token. A one-time code serves once, so after a sign-in a moment ago the next step's is taken."""
    path = "/api/holder-session" if member.kind == "holder" else "/api/session"
    name = member.id_number if member.kind == "holder" else member.username
    for attempt in range(3):
        body = {"username": name, "password": member.password, "code": member.code(ahead=min(attempt, 1))}
        try:
            return str(client.json("POST", path, body)["token"])
        except Refused as no:
            if no.code != "control.sign_in" or attempt == 2:
                raise
        if attempt == 1:  # both codes that are good now were used: wait for the next one
            time.sleep(30 - time.time() % 30 + 0.5)
    raise AssertionError("not reached")


def fresh_seal(area: str) -> str:
    """The number on a new seal."""
    return f"SEAL-{area}-{secrets.token_hex(4).upper()}"
