"""App: the only place that joins everything.

Configuration, Django's settings, addresses, the wiring of ports between floors, the launcher of PostgreSQL, the supervisor of
the processes, and the checks that run at start. It holds no rule of the trade.
"""
