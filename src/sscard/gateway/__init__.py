"""Gateway: the machines' side of the house. One lean asynchronous process for hot postings and look-ups.

* `register`  who may call: the programs, read anew each second; the clocks and area packs beside them
* `packs`     what the law says of an area and its banks
* `accounts`  which account a request means, and how it stands
* `asked`     the requests: their fields, and every fault of them at once
* `hot`       what is done here: deposits, captures and voids of authorisations, reversals of deposits, balances
* `books`     the lanes of each bank's book
* `http`      addresses, sign-in, limits, answers
* `serve`     the process: start, drain, end

Everything else goes by the slow door (`/api` of the portal): see docs/decisions/0010-gateway.md. It imports no Django, and
keeps no rule of its own: permits, limits, idempotency are those of `ledger_post_batch`, refusals those of the catalogue.

May touch: ledger, bank, control, law, codes, kernel, by their lanes and pure rules.
"""
