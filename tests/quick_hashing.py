"""Password hashes for tests, as real ones are but at a thousandth of the work: whoever reads one finds its cost in it.

Programs that tests start hash at the full cost, which `tests/control/test_passwords.py` holds to.
"""

from sscard.control.passwords import HouseArgon2


class QuickArgon2(HouseArgon2):
    time_cost = 1
    memory_cost = 64
