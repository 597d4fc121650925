"""What the key service answers instead of a result: a public code and plain facts, never a value or a key."""

from __future__ import annotations


class KeyFault(Exception):
    """A verb is refused. `code` stands in words.toml; `facts` are short strings fit for a log."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
