"""Savings: what an active account does every day: transfer, statement, purchase, settings, interest, daily close.

* `terms`      what the area pack says for this bank and day, with the customer's own lower limits
* `presence`   who stands behind a request: card and PIN at counter or kiosk, the signed-in customer on-line
* `payee`      number and name of the receiver, matched by one answer; `payee_check`: asked beforehand, its tries counted
* `transfer`   inside the bank; to other banks through the clearing house, held until it settles
* `clearing`   the orders on their way, what comes in from other banks, one exchange after the other
* `purchase`   at a shop's till with card and PIN; void and refund
* `statement`  pages by sequence and period; CSV and PDF
* `settings`   the customer's own limits, channels and notices: never more than the bank's
* `interest`   demand interest by accumulated balances (积数), once per account and period
* `close`      the daily close, which can be repeated

Basis: banking.md §1 rows 12–14, §3, §6, §8; security.md T05, T06, T08.
"""
