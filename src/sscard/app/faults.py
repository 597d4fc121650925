"""What an operator can put right: one family of faults with a code, facts and a sentence in two languages.

    OperatorFault
    ├── ConfigFaults     several faults of the configuration at once
    ├── DatabaseFault    PostgreSQL can't be started or used
    ├── ProgramsFault    PostgreSQL's programs or their user are missing
    └── UpFault          the house can't be started

The sentences stand in words.toml under `notice.app.<code>`.
"""

from __future__ import annotations

from typing import Any

from sscard.kernel import words


class OperatorFault(Exception):
    """`code` below `notice.app.`, and the facts that fill its sentence; never a secret."""

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts

    def sentence(self, language: str) -> str:
        """What is wrong and what to do next, in one or two sentences."""
        return sentence(self.code, language, **self.facts)

    def __str__(self) -> str:
        return self.sentence("en")


def sentence(code: str, language: str, /, **facts: Any) -> str:
    """The notice of this code with its next step, if it has one."""
    said = words.text("notice", f"app.{code}", language, **facts)
    then = words.next_step("notice", f"app.{code}", language, **facts)
    return f"{said} {then}".strip() if language == "en" else f"{said}{then}"
