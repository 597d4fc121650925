"""`python -m sscard.sim.clearing`."""

from sscard.sim.clearing.command import main

main()
