"""Documents: what is given to people on paper or as a file, so that it can be read, copied, kept and checked by anybody.

`fonts` finds the Chinese fonts, `pdf` sets a document (text stays text: it can be searched and copied, a middle dot and rare
characters in names too), `authority` makes the local demonstration authority at set-up, `timestamps` answers RFC 3161
queries, `signing` makes and `checking` examines PAdES B-T signatures, `detached` does both for files of data (JWS),
`kept` is the registry: every document that was
handed to somebody, sealed, with its hashes, who may fetch it, and a code under which anybody can ask whether it is genuine.

Basis: Electronic Signature Law Art. 3 (choice), 5 to 8 (original form, retention), 13 (reliable signature), 16 (third-party
certification). May touch: control, law, codes, kernel.
"""
