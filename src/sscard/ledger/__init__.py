"""Ledger: double entry. Money moves only here, and every movement is one debit and one credit of the same amount.

Accounts carry four counters (debits and credits, posted and held) in integer fen, a sequence, and a mask of permits
that the owner's rules have stored; customers' accounts are the bank's liabilities and never fall below zero. The one
way in is the SQL function `ledger_post_batch`: it locks, decides item by item, writes, and answers a status each;
`posting.post` calls it with n = 1 … k as the last statement of an act. Repeats by (caller, key) get the first answer.

Basis: banking.md §6, mechanisms.md §1. May touch: control (audit and outbox rows of the fast lane), kernel.
Everything here belongs to a bank's book and is closed to every act that has not entered the bank's role.
"""
