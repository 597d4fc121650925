"""`python -m sscard.sim.devices`: the virtual devices' program."""

from sscard.sim.devices.command import app

app(prog_name="sscard device")
