"""`python -m sscard.sim.producer`: the virtual producer's program."""

from sscard.sim.producer.command import main

main()
