"""Jobs of room bank, found by the worker under this name."""

from sscard.bank import life_jobs
from sscard.bank.linked import jobs as linked_jobs
from sscard.bank.savings import jobs as savings_jobs

__all__ = ["life_jobs", "linked_jobs", "savings_jobs"]
