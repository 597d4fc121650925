"""The banks' own sites (网上银行): log-in, accounts, statement, transfer, recharge, settings, and the entry "social security
card"; on the phone the same pages, installable. One site a bank, each under its own host name, beside the bureau's pages
in the same process.

A bank is not the bureau: another host, another session cookie, another sign-in, another look (area data). What signs in
here is a customer of this one bank (`bank.customers`); he sees his accounts and nothing of the bureau's beyond what the
holder himself may know of his card. Everything that changes anything goes through the one door in his name.

May touch: rooms bank, cards and law by their reads and acts. Nothing outside imports this package but the addresses.
"""
