"""The virtual producer (制卡单位): a program of its own, with its own folder and keys, that makes virtual cards.

It knows the issuing area by two public keys that were exchanged beforehand, and nothing else: no database, no key
service, no network. A package comes in as a file and is opened only if it is signed by that area, meant for this
producer, and still good; a signed return goes out, with each card made, spoiled or missing, and its sealed box.

    from sscard.sim.producer import Producer, set_up
    public = set_up(home, "PRODUCER-YUNSHAN")          # to be registered by the issuer: signing, receiving
    Producer(home).trust(issuer_public)                # `sscard.issuing.producers.trust(area)`
    Producer(home).run(inbox, outbox, wallet, Quality(spoil=0.02), seed=7)
"""

from sscard.sim.producer.factory import Quality
from sscard.sim.producer.program import Done, Producer, set_up

__all__ = ["Done", "Producer", "Quality", "set_up"]
