"""Random tags, their values, and what is asked of them, with what should be found.

Written from DICOM PS3.4 C.2.2.2 and `docs/conformance.md`, with no helper of the code
under test.
"""

import datetime as dt
import random
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from imaging.query import Level

TEXTS: Final = (
    "", "Head", "head scan", "HEAD*", "Übung", "uebung", "100%_", "ab?",
    "x" * 300, "x" * 300 + "y", "\uff21", "straße", "-", "漢字 test",
)  # fmt: skip
NAMES: Final = (
    "Doe^John", "doe^jane", "Müller^Änne", "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "=山田", "",
)  # fmt: skip
NUMBERS: Final = ("-1000", "-10.5", "-1", "0", "0.5", "1", "1.5", "2", "10", "1E+3")
MOMENTS: Final = (
    "2019", "202001", "20200101", "20200131235959", "20200201103000.5",
    "20200131233000-0500", "20200201003000+0100", "20200201+0000",
)  # fmt: skip


Asked = tuple[str, Callable[[Any], bool]]
"""What is asked for, and whether a value matches it."""


class Tag(NamedTuple):
    """A tag: of what level, its values, and how one of them is asked for."""

    path: str
    level: Level
    draw: Callable[[random.Random], list[Any]]
    ask: Callable[[random.Random], Asked]

    def told(self, value: Any) -> str:
        """Return what a facet calls a value; nothing of what it does not count."""
        match self.ask.__name__:
            case "ask_text":
                folded = fold(value)
                return folded if len(folded) <= 255 else ""
            case "ask_name":
                return bare(value.split("=")[0])
            case "ask_number":
                return f"{Decimal(str(value)).normalize():f}"
            case "ask_moment":
                return split(value)[0]
        return str(value)


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def bare(name: str) -> str:
    marks = unicodedata.normalize("NFKD", name)
    kept = "".join(c for c in marks if unicodedata.combining(c) not in range(200, 241))
    return unicodedata.normalize("NFKC", kept.casefold()).rstrip("^ ")


def ask_text(draw: random.Random) -> Asked:
    asked = draw.choice(TEXTS[1:])
    if draw.random() < 0.4:
        cut = asked.replace("*", "").replace("?", "")[: draw.randint(1, 260)]
        asked = draw.choice([f"{cut}*", f"*{cut}", f"*{cut[:2]}*", f"{cut[:-1]}?"])
    pattern = fold(asked).replace("[", "[[]")
    return asked, lambda value: fnmatchcase(fold(value), pattern)


def ask_name(draw: random.Random) -> Asked:
    asked = draw.choice(["doe^john", "DOE^*", "muller^anne", "山田*", "*taro?", "doe*"])
    pattern = bare(asked)
    return asked, lambda value: any(
        fnmatchcase(bare(group), pattern) for group in value.split("=") if group
    )


def ask_number(draw: random.Random) -> Asked:
    low, high = sorted(map(Decimal, draw.choices(NUMBERS, k=2)))
    match draw.randrange(4):
        case 0:
            return f"{low}", lambda value: Decimal(str(value)) == low
        case 1:
            return f"{low}-{high}", lambda value: low <= Decimal(str(value)) <= high
        case 2:
            return f"{low}-", lambda value: Decimal(str(value)) >= low
    return f"*-{high}", lambda value: Decimal(str(value)) <= high


def split(moment: str) -> tuple[str, str]:
    for sign in "+-":
        head, found, tail = moment.partition(sign)
        if found:
            return head, sign + tail
    return moment, ""


def begin(moment: str, *, zoned: bool) -> dt.datetime:
    """Return when a moment begins, in UTC if `zoned`, else as it stands."""
    local, zone = split(moment)
    whole, _, fraction = local.partition(".")
    filled = whole + "00000101000000"[len(whole) :]
    at = dt.datetime.strptime(filled, "%Y%m%d%H%M%S")  # noqa: DTZ007 none is meant
    at += dt.timedelta(microseconds=int(fraction.ljust(6, "0") or 0))
    if zoned and zone:
        ahead = dt.timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
        at -= ahead if zone[0] == "+" else -ahead
    return at


def end(moment: str, *, zoned: bool) -> dt.datetime:
    """Return when a moment has ended."""
    whole, dot, fraction = split(moment)[0].partition(".")
    at = begin(moment, zoned=zoned)
    if dot:
        return at + dt.timedelta(microseconds=10 ** (6 - len(fraction)))
    match len(whole):
        case 4:
            return at + dt.timedelta(days=366 if int(whole) % 4 == 0 else 365)
        case 6:
            days = {"01": 31, "02": 29 if int(whole[:4]) % 4 == 0 else 28}
            return at + dt.timedelta(days=days.get(whole[4:], 30))
        case 8:
            return at + dt.timedelta(days=1)
        case 10:
            return at + dt.timedelta(hours=1)
        case 12:
            return at + dt.timedelta(minutes=1)
    return at + dt.timedelta(seconds=1)


def ask_moment(draw: random.Random) -> Asked:
    zone = draw.choice(["", "", "+0000", "-0500", "+0130"])
    ends = [split(each)[0] for each in draw.choices(MOMENTS, k=2)]
    low, high = sorted(ends)
    form = draw.randrange(4)
    if form == 0:
        high = low
    lower = f"{low}{zone}" if form != 3 else ""
    upper = f"{high}{zone}" if form != 2 else ""
    asked = lower if form == 0 else f"{lower}-{upper}"

    def matches(value: str) -> bool:
        in_zone = bool(zone and split(value)[1])
        at = begin(value, zoned=in_zone)
        return (not lower or at >= begin(lower, zoned=in_zone)) and (
            not upper or at < end(upper, zoned=in_zone)
        )

    return asked, matches


def ask_code(draw: random.Random) -> Asked:
    asked = draw.choice(["HFS", "hfp", "HF*", "*S", "??P", "ORIGINAL", "MIP"])
    return asked, lambda value: fnmatchcase(value, asked.upper())


def ask_uid(draw: random.Random) -> Asked:
    asked = draw.choices(UIDS, k=draw.randint(1, 2))
    return "\\".join(asked), lambda value: value in asked


def ask_day(draw: random.Random) -> Asked:
    low, high = sorted(draw.choices(DAYS, k=2))
    match draw.randrange(4):
        case 0:
            return low, lambda value: value == low
        case 1:
            return f"{low}-", lambda value: value >= low
        case 2:
            return f"-{high}", lambda value: value <= high
    return f"{low}-{high}", lambda value: low <= value <= high


def ask_time(draw: random.Random) -> Asked:
    low, high = sorted(draw.choices(("08", "0930", "100000", "1130"), k=2))
    last = high + "595959"[len(high) - 2 :][: 6 - len(high)] + ".999999"
    return (
        f"{low}-{high}",
        lambda value: f"{low:0<6}" <= f"{value:0<6}" and f"{value:0<6}" <= last,
    )


def some(values: tuple[Any, ...], most: int) -> Callable[[random.Random], list[Any]]:
    return lambda draw: draw.choices(values, k=draw.randint(0, most))


UIDS: Final = ("1.2.3", "1.2.3.4", "1.2")
DAYS: Final = ("20191231", "20200101", "20200229")
TAGS: Final = (
    Tag("FrameOfReferenceUID", Level.SERIES, some(UIDS, 1), ask_uid),
    Tag("PatientPosition", Level.SERIES, some(("HFS", "HFP"), 1), ask_code),
    Tag("DateOfSecondaryCapture", Level.SERIES, some(DAYS, 1), ask_day),
    Tag("TimeOfSecondaryCapture", Level.SERIES,
        some(("08", "0930", "0930", "100000", "113059.5"), 1), ask_time),
    Tag("ExpectedCompletionDateTime", Level.STUDY, some(MOMENTS, 1), ask_moment),
    Tag("AdditionalPatientHistory", Level.STUDY, some(TEXTS, 1), ask_text),  # LT
    Tag("OtherPatientNames", Level.STUDY, some(NAMES[:5], 2), ask_name),  # PN 1-n
    Tag("PatientWeight", Level.STUDY, some(tuple(map(float, NUMBERS)), 1), ask_number),
    Tag("ProtocolName", Level.SERIES, some(TEXTS[:7], 1), ask_text),  # LO
    Tag("ImageType", Level.INSTANCE, some(("ORIGINAL", "AXIAL", "MIP"), 3), ask_code),
    Tag("AcquisitionDateTime", Level.INSTANCE, some(MOMENTS, 1), ask_moment),
    Tag("EchoTime", Level.INSTANCE, some(tuple(map(float, NUMBERS)), 1), ask_number),
)  # fmt: skip
