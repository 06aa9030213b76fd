"""Mutated files read by us and by pydicom: same model, or a refusal of ours.

Run as ``python -m tests.imaging.part10.fuzz 20000 [seed]`` for a tally. What we refuse
and pydicom reads must be one of the strictnesses that `imaging.part10.errors` names:
pydicom ignores cut-off values, elements that reach out of their item, and delimiters
in the wrong place.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from struct import pack_into

from imaging.part10 import Part10Error, parse
from tests.imaging.part10 import oracle
from tests.imaging.part10.samples import sample_files

_LARGEST = 48_000
_VRS = b"AEASATCSDADSDTFDFLISLOLTOBODOFOLOWPNSHSLSQSSSTTMUCUIULUNURUSUTUV"
_COMMON = (b"LO", b"CS", b"UI", b"DS", b"SQ", b"US", b"OB", b"UN")
_LENGTHS = (
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    0xFF,
    0xFFFE,
    0xFFFF,
    0x7FFFFFFF,
    0xFFFFFFFE,
    0xFFFFFFFF,
)

Mutation = Callable[[random.Random, bytearray, int], None]


@cache
def seeds() -> tuple[bytes, ...]:
    """Return the files to mutate: small, so that most bytes are of the header."""
    files = [path for path in sample_files() if path.stat().st_size <= _LARGEST]
    return tuple(path.read_bytes() for path in files)


def _flip(rng: random.Random, data: bytearray, limit: int) -> None:
    for _ in range(rng.choice((1, 1, 2, 5))):
        data[rng.randrange(limit)] = rng.randrange(256)


def _length(rng: random.Random, data: bytearray, limit: int) -> None:
    at = rng.randrange(limit - 4)
    if rng.random() < 0.5:
        pack_into("<I", data, at, rng.choice(_LENGTHS))
    else:
        pack_into("<H", data, at, rng.choice(_LENGTHS) & 0xFFFF)


def _truncate(rng: random.Random, data: bytearray, limit: int) -> None:
    del data[rng.randrange(limit) :]


def _insert(rng: random.Random, data: bytearray, limit: int) -> None:
    at = rng.randrange(limit)
    data[at:at] = rng.randbytes(rng.choice((1, 2, 4, 8, 13)))


def _delete(rng: random.Random, data: bytearray, limit: int) -> None:
    at = rng.randrange(limit)
    del data[at : at + rng.choice((1, 2, 4, 8, 20))]


def _repeat(rng: random.Random, data: bytearray, limit: int) -> None:
    at, to = rng.randrange(limit), rng.randrange(limit)
    data[to:to] = data[at : at + rng.randrange(8, 80)]


def _representation(rng: random.Random, data: bytearray, limit: int) -> None:
    places = [at for at in range(132, limit - 2) if bytes(data[at : at + 2]) in _COMMON]
    if places:
        at, vr = rng.choice(places), 2 * rng.randrange(len(_VRS) // 2)
        data[at : at + 2] = _VRS[vr : vr + 2]


_MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _flip,
    _length,
    _truncate,
    _insert,
    _delete,
    _repeat,
    _representation,
    _representation,
)


def mutated(number: int) -> bytes:
    """Return the mutated file of that number, always the same one."""
    rng = random.Random(number)
    data = bytearray(rng.choice(seeds()))
    for _ in range(rng.choice((1, 1, 1, 2))):
        limit = max(16, min(len(data), 6000))
        if len(data) > 16:
            rng.choice(_MUTATIONS)(rng, data, limit)
    return bytes(data)


def verdict(data: bytes) -> str:
    """Read `data` both ways; text that begins with ``WRONG`` is a bug of ours."""
    try:
        parsed = parse(data)
    except Part10Error as error:
        refused = type(error).__name__
        try:
            oracle.model_of(oracle.read(data))
        except Exception:  # noqa: BLE001 - whatever it stumbles over
            return f"both refuse ({refused})"
        return f"we refuse ({refused})"
    try:
        theirs = oracle.model_of(oracle.read(data))
    except Exception:  # noqa: BLE001 - whatever it stumbles over
        return "pydicom refuses"
    if any("unknown value representation" in issue.reason for issue in parsed.issues):
        return "unknown value representation"
    if parsed.file_meta.get("00020010", {"vr": "UI"})["vr"] != "UI":
        return "transfer syntax is no UID"
    found = oracle.differences(parsed, theirs)
    return f"WRONG {found[0][:300]}" if found else "equal"


def main() -> None:
    """Print the tally of a number of mutations."""
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    tally: Counter[str] = Counter()
    for number in range(first, first + count):
        try:
            result = verdict(mutated(number))
        except Exception as error:  # noqa: BLE001 - this is what we look for
            result = f"WRONG {type(error).__name__}: {error}"
        if result.startswith("WRONG"):
            sys.stdout.write(f"{number}: {result}\n")
        tally[result.split()[0] if result.startswith("WRONG") else result] += 1
    for result, times in tally.most_common():
        sys.stdout.write(f"{times:7} {result}\n")


if __name__ == "__main__":
    main()
