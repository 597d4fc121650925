"""Insurance: what was paid for whom, month by month, in the five social insurances.

Contribution records come in files from two upstream systems (human resources, medical security), are checked row by row
against the registered people and the area's rates, and are posted set by set (`files`, `runs`, `store`). A month counts
when it is fully paid and arrived, once per insurance (`rules`). Two personal accounts come out of it: pension and
medical. They are never one sum, and medical money is no bank money: it stands in this room and in no bank's ledger.

Clauses: SIL-60 (the worker is told monthly), SIL-74 (records are free); fields and identities of GB/T 40217.
May touch: people, control, law, codes, kernel.
"""
