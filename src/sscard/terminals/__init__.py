"""Terminals: counters, kiosks and bureau desks, the devices that stand there, and what these devices saw.

A terminal belongs to one organisation and stands in one outlet. Its devices (ID-card reader, card slot, PIN pad,
camera) each hold a key of their own. A `DeviceSession` joins one terminal, one matter and at most ten minutes;
devices send evidence into it, and the act that needs the evidence takes it exactly once: `evidence.take`. Every
message carries a MAC over the session's nonce and every card answers the session's own challenge, so that nothing
recorded earlier fits.

Basis: security.md T03 (teller activates without the holder), T04 (copy of the ID), mechanisms.md §8 (virtual devices
behind the port of real ones). May touch: control, law, codes, kernel; keys through `kernel.keyclient`.
"""
