"""Pure rules of the social side: who may stand at the desk for a card's holder, and what an initial password is good
for."""

from __future__ import annotations

from collections.abc import Collection

from sscard.kernel.refusals import Refusal

AGENT_PAPERS = frozenset({"holder_id", "mandate"})
"""What an agent brings besides his own ID card: the holder's ID document and a signed mandate (regulations.md §3.5,
§3.8)."""


def who_acts(
    *,
    in_reader: bytes,
    holder: bytes,
    guardians: Collection[bytes],
    minor: bool,
    agents: str,
    papers: Collection[str],
) -> str:
    """ "holder", "guardian" or "agent" for the document in the reader; raises why this person may not act for the card.

    `in_reader`, `holder`, `guardians` are blind indexes of ID numbers. `minor`: below the area's `guardian_age`.
    `agents`: the area's rule on agents where a password is set or reset (`password_reset_by_agent`: guardian_only,
    yes, no). A child does not act alone, a guardian always may (regulations.md §3.8).
    """
    if in_reader in guardians:
        return "guardian"
    if minor:
        raise Refusal("cards.guardian_needed" if in_reader == holder else "cards.not_the_guardian")
    if in_reader == holder:
        return "holder"
    if agents != "yes":
        raise Refusal("cards.not_the_holder")
    if not set(papers) >= AGENT_PAPERS:
        raise Refusal("cards.agent_papers")
    return "agent"


def initial_password_serves(rule: str, use: str) -> bool:
    """May the initial password be used at all for "business" or "inquiry"? `rule` is the area's `initial_password_use`.
    Most areas forbid it until it was changed (regulations.md §3.5)."""
    return rule == "treat_as_no_password" or (rule == "inquiry_only" and use == "inquiry")
