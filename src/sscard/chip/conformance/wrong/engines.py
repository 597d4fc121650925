"""Wrong behaviour: engines with one decision altered."""

from __future__ import annotations

from sscard.chip.card import status
from sscard.chip.card.apdu import Command
from sscard.chip.card.engine import VirtualCard
from sscard.chip.card.status import Status
from sscard.chip.files.table import FileRule, Rule


class FreeWrite(VirtualCard):
    def may_write(self, file: FileRule) -> None:
        if file.place != "SSSE/EF06":
            super().may_write(file)


class AnyUpdateKeyWrites(VirtualCard):
    def may_write(self, file: FileRule) -> None:
        if not any(name.startswith("UK") for name in self.session.keys):
            super().may_write(file)


class FreePinFile(VirtualCard):
    def may_read(self, file: FileRule) -> None:
        if file.application != "DF04":
            super().may_read(file)


class FreeRelief(VirtualCard):
    """Files of DF06 are readable by everybody."""

    def may_read(self, file: FileRule) -> None:
        if file.application != "DF06":
            super().may_read(file)


class FreePreferentialCare(VirtualCard):
    """The second file of DF06, which the table gives no items, is readable by everybody."""

    def may_read(self, file: FileRule) -> None:
        if file.place != "DF06/EF06":
            super().may_read(file)


class FreeHealth(VirtualCard):
    """The file of DF05 is writable by everybody."""

    def may_write(self, file: FileRule) -> None:
        if file.application != "DF05":
            super().may_write(file)


class HolderFree(VirtualCard):
    def may_read(self, file: FileRule) -> None:
        if file.place != "SSSE/EF06":
            super().may_read(file)


class EitherIsEnough(VirtualCard):
    """ "PIN & RK1" taken as "PIN | RK1"."""

    def require(self, rule: Rule) -> None:
        super().require(Rule.parse(rule.text.replace("&", "|")))


class DetailsWritable(VirtualCard):
    def may_write(self, file: FileRule) -> None:
        if file.place != "DF04/EF08":
            super().may_write(file)


class StateKept(VirtualCard):
    def enter(self, application: str) -> None:
        kept = set(self.session.keys)
        super().enter(application)
        self.session.keys |= kept


class PasswordForgotten(VirtualCard):
    def enter(self, application: str) -> None:
        super().enter(application)
        self.session.pin = False


class ChallengeLasts(VirtualCard):
    def spend_challenge(self) -> bytes:
        if not self.session.challenge:
            raise Status(status.NO_CHALLENGE)
        return self.session.challenge


class FirstChallengeCounts(VirtualCard):
    """Keeps the first challenge until it is spent."""

    def execute(self, command: Command) -> tuple[bytes, int]:
        before = self.session.challenge
        found = super().execute(command)
        if command.ins == 0x84 and before:
            self.session.challenge = before
        return found


class StaleAfterReset(VirtualCard):
    def power_on(self) -> bytes:
        kept = self.session.challenge
        found = super().power_on()
        self.session.challenge = kept
        return found

    def power_off(self) -> None:
        pass


class PasswordSurvivesReset(VirtualCard):
    def power_on(self) -> bytes:
        kept = self.session.pin
        found = super().power_on()
        self.session.pin = kept
        return found

    def power_off(self) -> None:
        pass


class VersionIgnored(VirtualCard):
    def key(self, application: str, name: str, version: int = 0) -> bytes:
        return super().key(application, name, 0 if name[:2] in ("UK", "RK", "IR") else version)


class LengthNotTold(VirtualCard):
    """Cuts an answer to Le instead of 6Cxx."""

    def execute(self, command: Command) -> tuple[bytes, int]:
        data, sw = super().execute(command)
        return (data[: command.le] if command.le else data), sw


class BlockedStillSelectable(VirtualCard):
    def is_blocked(self, application: str) -> bool:
        return False
