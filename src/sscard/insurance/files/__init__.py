"""A file of contributions or account statements becomes checked rows.

    columns   headings in Chinese, English or interface names (AAC002, AAE140 …), any order
    cells     months, days, amounts, flags as files write them
    read      the file itself, by the roster's reader (characters, blocks, limits)
    values    what checks need of the area: rates and bounds by month, kinds, numbers; each looked up once
    contribution, statement   one row: its values and every fault
    check     a whole file, block by block, with the registered people beside it

Nothing but `check` looks at the database.
"""
