"""The card key tree: ministry → province → city → card (Article 21; card.md §7).

A *set* holds every control key of one level and one algorithm (3DES or SM4) in one generation: `ministry#1`,
`province:33#1`, `city:990100#2`. The ministry's set is one secret of 32 bytes out of a ceremony, from which each key
is derived under its own name, so that the shares of the ceremony bring back the whole set; provinces and cities hold
the sub-keys that were dispersed to them. Card keys are derived when they are asked for and leave only enciphered and
with a MAC (`keys.loads`).

* `ciphers`, `factors`  what card, PSAM and service compute in common
* `sets`      which set answers for an area, and its keys
* `receivers` the producers' machines that real card keys may be wrapped for
* `proofs`    what a finished card proves, and what opens its password again
* `verbs`     what the key service answers while cards are made; `chip_verbs` for finished ones and for PSAMs
"""
