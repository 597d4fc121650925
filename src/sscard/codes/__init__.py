"""Codes: numbers with check digits, and the small code sets that files and cards use.

One module per number, each with the same words: `compact` (normal form), `validate` (normal form or `NumberFault`),
`is_valid`, `format` (for people's eyes), `calc_check_digit` where there is one, and getters. `person_number.parse` is
the one entry for the number that identifies a person, whatever document it comes from. Code sets (`nations`, `sex`,
`banks`, `documents`, `insurance_kinds`) read their rows from `tables.toml`. `names` holds the rules for names of
persons, `demo` makes numbers that belong to nobody, `bulk` says the same as the single rules over whole polars columns.

Nothing here reads a clock, a database or a district list: a district that was dissolved is still in people's numbers.
"""
