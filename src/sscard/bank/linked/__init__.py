"""The bank's side of linking a social security card (社保卡绑定, document 002), and what its customer does with the link.

The bank is a client of the bureau like any other: it knows the bureau's public addresses and nothing of its tables. It
pushes the request (PAR), sends the customer's browser to the bureau's page, exchanges the code for tokens bound to its key
(DPoP), refreshes them, reads records, and pays a charge: money held here, booked there, taken or returned here.

`wire` speaks HTTP, bounded, as both may stand in one process; `oauth` is the protocol, `keys` the bank's own keys, sealed;
`client` makes the bank a client, `keeping` and `charging` are the acts that write down; `linking`, `looking` and `paying` are
what a face calls.
"""
