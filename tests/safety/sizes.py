"""How much of each safety test is run: a taste in ``make test``, all of it with ``SOAK=1``, which ``make soak`` sets.

Knows no test.
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The sizes of the safety tests. How many write at once is not among them: that is what the tests are about.

    Attributes:
        rounds_of_writes: how often each of the writers of one customer changes its field.
        rounds_of_creates: how often a crowd creates the same.
        rounds_of_trees: how often two changes of the tree meet.
        kills: how often the server, one worker, or the database is taken away.
        writes_before_a_kill: acknowledged writes from one of these to the next.
    """

    rounds_of_writes: int
    rounds_of_creates: int
    rounds_of_trees: int
    kills: int
    writes_before_a_kill: int

    @property
    def writes_of_a_thread(self) -> int:
        """Far more than one thread gets done while all of them together do what is waited for."""
        return WRITES_OF_A_PORTION * (self.kills + 1)


#: What one thread is given from one kill to the next.
WRITES_OF_A_PORTION = 150
SMALL = Sizes(rounds_of_writes=8, rounds_of_creates=2, rounds_of_trees=12, kills=1, writes_before_a_kill=80)
FULL = Sizes(rounds_of_writes=100, rounds_of_creates=20, rounds_of_trees=150, kills=15, writes_before_a_kill=120)
SIZES = FULL if os.environ.get("SOAK") == "1" else SMALL
