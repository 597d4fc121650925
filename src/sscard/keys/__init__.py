"""Room keys: the one place where keys are.

A process of its own (`python -m sscard.keys --home DIR`) answers verbs on key names over a Unix socket; pages, jobs
and the gateway never hold a key. Every key has one purpose, a version and a state, and a verb that does not fit the
purpose is refused.

* `recipes`   SM2, SM3, SM4 as this house uses them (GM/T 0002, 0003, 0004; RFC 8998)
* `pinblock`  ISO 9564-1 format 4 with SM4, `pins` what makes a PIN too easy to guess
* `catalogue` which keys exist, `ring` their versions and states, `store` how they lie wrapped on disk
* `verbs`     what may be asked, `service` the process, `envelope` packages to and from a producer

The client half of the protocol is `sscard.kernel.keyclient`.
"""
