"""Bulk import: a bureau's roster file becomes checked rows.

    columns   which column is which, in Chinese or English, in any order
    encoding  UTF-8 with or without BOM, GB18030; everything else is refused with a sentence
    read      CSV in blocks of bounded memory; XLSX by way of a limited helper process
    rules     one row: normal form and every fault (the exact lane, also for a desk's single entry)
    fast      a block of rows at once: which are plainly good (the fast lane; the rest takes the exact lane)
    doubles   same number twice, one number under two people, one person under two numbers
    faults    the workbook of bad rows that can be corrected and imported again
    pipeline  check_file(): all of it, block by block

Nothing here touches the database, the clock or the network. A row that the fast lane takes, the exact lane would take
with the same values; a property test holds the two together.
"""
