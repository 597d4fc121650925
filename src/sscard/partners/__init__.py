"""Partners: whoever writes software against this house; what it needs to start, to listen and to prove itself.

* `hooks`      events told to an organisation's own address: Standard Webhooks, signed, retried over days, replayed on request
* `sandbox`    a tenant of one's own: an area copied from a demo area, with keys, magic persons, a clock and a reset
* `requests`   the log of a sandbox's calls by trace id: bounded, masked, no bodies
* `conformance` the run that a partner starts himself; its signed report is `conformance_report`
* `catalogue`  every refusal of the house with cause and fix, out of the texts themselves

Pages (`portal.developers`) and API (`api.hooks`, `api.sandbox`) are faces of this room. banking.md §7; security.md T22, T27.
"""
