"""Verification: is it really he, on his own telephone or with his own face.

One-time codes by text message, bound to one action, one person and one session, used once; face checks by a provider;
the providers behind both, virtual ones among them whose messages can be read in a sandbox.

May touch: people, control, law, codes, kernel.
"""
