"""The story: one person of a bureau's roster taken through the whole service by the outside.

Everything here goes in by the doors that the world has: the HTTP API with real sign-in and one-time codes, files, the
programs of producer and bank, virtual devices over HTTPS. No database, no call into a room. `steps` says what a step is,
one module per chapter holds them as data, `tell` runs and prints them; `fill` makes a demo city live before the story.
"""
