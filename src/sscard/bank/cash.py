"""The bank's own accounts that stand across from a customer's, by who handles the money."""

CASH_OF = {"teller": "cash.counter", "terminal": "cash.terminal", "bank_program": "incoming.file"}
SHOPS = "shops.payable"
AUTHORISATION = "authorisation"
"""The kind of a hold that a shop's till has placed for itself."""
