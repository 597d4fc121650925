"""Developers: the site of partners. An account, sandboxes with keys, magic values, clock, events, calls, conformance.

Nothing here stands in production. What is shown and done is room `partners`; these are its pages.
"""
