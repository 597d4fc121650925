"""What a tester holds in his hands in a sandbox area: the telephone that text messages arrive at, and the camera of the
virtual face check. Open to everybody, as nothing real is here; outside a sandbox these pages do not exist.
"""
