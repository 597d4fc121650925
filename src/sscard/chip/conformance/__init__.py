"""Conformance: what tells a good card from a bad one, as a test card is examined (管理办法 Article 12; LD/T 6001.3 names
the items).

* `bench`     one card, its PSAM and what items may do with them
* `shape` `safety` `keys` `passwords` `orders` `blocking` `certificates`   the items, each a function with its code
* `suite`     runs them in order; `report` what is handed on, with every choice it was made under
* `evidence`  the report of a test card for the ministry's office: its product, its audits, PDF and signatures
"""

from sscard.chip.conformance.report import Report, Result
from sscard.chip.conformance.suite import items_of, run_suite

__all__ = ["Report", "Result", "items_of", "run_suite"]
