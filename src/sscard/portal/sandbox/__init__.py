"""What a tester holds in his hands in a sandbox area: the telephone that text messages arrive at, and the camera of the
virtual face check. A partner's own sandbox shows its telephone to that partner only; outside a sandbox these pages do not exist.
"""
