"""Gateway: the machines' side of the house. One lean asynchronous process for hot postings and look-ups.

May touch: ledger, bank, control, law, codes, kernel, by their lanes and reads; it keeps no rule of its own.
"""
