"""Law: what is certain, what each area has laid down, and who may do what since when.

* `clauses`     the register of legal clauses, each with how sure we are of it; only certain ones are ever shown as law.
* `areas`       one area's values, banks, outlets, papers and texts on a day. Law and local values are data, never code.
* `permits`     the two gates of issuing: the ministry's approval (card measures Art. 5, 8) and the tests before mass
                production (Art. 12). Every floor above refuses by them.
* `check`       says everything that is wrong with an area's folder; `pack` signs a folder and reads one with distrust.
* `activation`  puts a signed pack into force, by two persons; the act with its four eyes lives in room `control`.

It may touch: its own tables and the folder of area packs. It imports the kernel only.
"""
