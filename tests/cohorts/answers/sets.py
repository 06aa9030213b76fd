"""Sets of patients without a database, marked as the database marks them."""

from collections.abc import Collection
from random import Random

from cohorts.answers.perturbation import Teller
from cohorts.execution.tally import PLACES, Tally, tally_of


class Marked:
    """A population of which sets are told."""

    def __init__(self, seed: int, number: int) -> None:
        self.random = Random(seed)
        self.secret = self.random.randbytes(32)
        self.marks = [self.random.getrandbits(64) - 2**63 for _ in range(number)]
        self.teller = Teller(self.secret, [])

    def tally(self, people: Collection[int]) -> Tally:
        placed: dict[int, tuple[int, int]] = {}
        for each in set(people):
            mark = self.marks[each]
            number, together = placed.get(mark & (PLACES - 1), (0, 0))
            placed[mark & (PLACES - 1)] = number + 1, together ^ mark
        return tally_of([(at, number, xor) for at, (number, xor) in placed.items()])

    def told(self, people: Collection[int]) -> int | None:
        return self.teller.value_of(self.tally(people))
