"""Random studies, and random searches among them that find something as a rule."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from imaging.query import Level, Rules, Target
from tests.imaging.query import oracle
from tests.imaging.query.oracle import Found, Series, Study

ALPHABETIC: Final = [
    *("Müller^Ágnes", "MULLER^Agnes", "Doe^John", "Do%^Jo_n", "O'Neil^X*"),
    *("Nguyễn^Văn", "Straße^Jürgen", "Çelik^İpek", "Yamada^Tarou", "Wang^Xiao^Dong"),
    *("Иванов^Пётр", "Йосипенко^Ёлка", "Παππάς^Γιώργος", "Σοφός^Νίκος"),
    *("أحمد^محمد", "مُحَمَّد^علي", "כהן^דוד", "שָׁלוֹם^דוד"),
]
IDEOGRAPHIC: Final = [
    *("", "", "山田^太郎", "山田太郎"),
    *("洪^吉洞", "王^小东", "金田一^一"),
]
PHONETIC: Final = [
    *("", "", "やまだ^たろう", "ヤマダ^タロウ"),
    *("홍^길동", "かねだいち^はじめ"),
]
IDS: Final = ["", "A1", "a1", "a10", "B_1", "B%1", "Ä1", "x*"]
TIMES: Final = ["", "10", "1030", "103000", "103059.5", "000000", "235959"]
OFFSETS: Final = ["", "", "+0000", "+0530", "-0800", "+1400"]
MODALITIES: Final = ["CT", "MR", "US", ""]
TERMS: Final = [
    *("Chest", "chestnut", "CT", "Thorax", "Größe", "GROSSE", "a1", "x*", "100%"),
    *("T2_w", 'said "so"', "d'Arc", "C:\\x", "胸部造影", "e\u0301tude", "دراسة", "ﬁne"),
    *("2019-12-31", "½", "n&m|o:*", "!none", "x" * 300),
]
FORMS: Final = [(level, depth) for level in Level for depth in range(level + 1)]
SORTS: Final = {
    Level.STUDY: ["StudyDate", "StudyTime", "PatientName", "PatientID"],
    Level.SERIES: ["SeriesNumber"],
    Level.INSTANCE: ["InstanceNumber"],
}


def study(draw: random.Random) -> Study:
    """Return a study of one or two series."""
    groups = (ALPHABETIC, IDEOGRAPHIC, PHONETIC)
    return Study(
        "=".join(draw.choice(names) for names in groups),
        draw.choice(IDS),
        draw.choice(["", *_DATES]),
        draw.choice(TIMES),
        draw.choice(OFFSETS),
        tuple(_series(draw) for _ in range(draw.randint(1, 2))),
        _description(draw),
    )


def _series(draw: random.Random) -> Series:
    requests = ((draw.choice(["S1", "s2"]), draw.choice(["R1", "r2"])) for _ in "12")
    return Series(
        draw.choice(MODALITIES),
        draw.choice([None, 1, 2, 10, -3]),
        tuple(requests)[: draw.randint(0, 2)],
        tuple(draw.randint(1, 3) for _ in range(draw.randint(1, 2))),
        _description(draw),
    )


def _description(draw: random.Random) -> str:
    return draw.choice([" ", "/", ", "]).join(draw.sample(TERMS, draw.randint(0, 3)))


_DATES: Final = [f"{date(2019, 12, 30) + timedelta(n):%Y%m%d}" for n in range(4)]


def _range(draw: random.Random, values: Sequence[str]) -> str:
    one, other = sorted((draw.choice(values), draw.choice(values)))
    return draw.choice([one, f"{one}-", f"-{one}", f"{one}-{other}"])


def _pattern(draw: random.Random, text: str) -> str:
    """Return text with wild cards that fits `text`, mostly."""
    start, end = sorted(draw.randint(0, len(text)) for _ in "12")
    piece = text[start:end] or text[:1]
    if draw.random() < 0.3 and piece:
        at = draw.randrange(len(piece))
        piece = piece[:at] + "?" + piece[at + 1 :]
    return "*" * (start > 0) + piece + "*" * (end < len(text))


def _words(draw: random.Random, name: str) -> str:
    """Return beginnings of words of a name, mostly in their order."""
    group = draw.choice([group for group in name.split("=") if group] or ["x"])
    words = group.replace("^", " ").split()
    first = draw.randrange(len(words))
    chosen = words[first : first + draw.randint(1, 2)]
    if draw.random() < 0.1:
        chosen.reverse()
    if draw.random() < 0.4:  # as somebody writes who uses no spaces
        return "".join(chosen)[draw.randint(0, 1) :] or "x"
    return " ".join(word[: draw.randint(1, len(word))] for word in chosen)


def _name(draw: random.Random, held: str, *, fuzzy: bool, literal: bool) -> str:
    if fuzzy:
        return _words(draw, held)
    group = draw.choice([group for group in held.split("=") if group] or ["x"])
    if literal or draw.random() < 0.3:
        return draw.choice([held, group, group.upper(), "Nobody"])
    return draw.choice([_pattern(draw, group), _pattern(draw, held).replace("=*", "=")])


Draw = Callable[[random.Random, Study], str]
VALUES: Final[dict[str, Draw]] = {
    "StudyDate": lambda draw, _: _range(draw, _DATES),
    "StudyTime": lambda draw, _: _range(draw, TIMES[1:]),
    "PatientID": lambda draw, held: draw.choice(
        [held.patient_id or "A1", "a*", "?1", "A1\\B%1", "*1?", "ä1"]
    ),
    "ModalitiesInStudy": lambda draw, _: draw.choice(["CT", "us", "CT,MR", "C*", "*"]),
    "Modality": lambda draw, _: draw.choice(["CT", "mr", "CT,MR", "?T", "XA"]),
    "SeriesNumber": lambda draw, _: draw.choice(["1", "2,10", "-3", "7"]),
    "ScheduledProcedureStepID": lambda draw, _: draw.choice(["s1", "S*", "*2", "S3"]),
    "RequestedProcedureID": lambda draw, _: draw.choice(["R1", "r?", "R2"]),
    "InstanceNumber": lambda draw, _: draw.choice(["1", "+2", "1,3", "9"]),
    "SOPInstanceUID": lambda draw, _: draw.choice(["1.1.1", "2.1.2", "9"]),
}
IN_ITEM: Final = ("ScheduledProcedureStepID", "RequestedProcedureID")
ASKED: Final = {
    Level.STUDY: ["StudyDate", "ModalitiesInStudy", "PatientID", "PatientName"],
    Level.SERIES: ["Modality"],
    Level.INSTANCE: ["SOPInstanceUID"],
}
MORE: Final = {
    Level.STUDY: ["StudyTime"],
    Level.SERIES: ["SeriesNumber", *IN_ITEM],
    Level.INSTANCE: ["InstanceNumber"],
}


@dataclass(frozen=True)
class Asked:
    """A search: its address, its parameters, and what they mean."""

    rules: Rules
    target: Target
    values: dict[str, str]
    fuzzy: bool
    offset: str
    sort: tuple[str, ...]

    def text(self) -> str:
        """Return the query string."""
        asked = {
            f"RequestAttributesSequence.{key}" if key in IN_ITEM else key: value
            for key, value in self.values.items()
        }
        asked["fuzzymatching"] = str(self.fuzzy).lower()
        if self.offset:
            asked["TimezoneOffsetFromUTC"] = self.offset
        if self.sort:
            asked["sort"] = ",".join(self.sort)
        return urlencode(asked)

    def expected(self, studies: Sequence[Study]) -> list[str]:
        """Return the UIDs that the oracle finds, in their order."""
        held = results(self.target.level, studies)
        matching = [found for found in held if self.matches(found)]
        return [found.uid for found in oracle.in_order(matching, self.sort)]

    def matches(self, found: Found) -> bool:
        """Return whether a result is one, as the oracle sees it."""
        target = self.target
        path = target.series_instance_uid or target.study_instance_uid
        if path and not f"{found.uid}.".startswith(f"{path}."):
            return False
        date, time, step, procedure = (
            self.values.get(key, "") for key in ("StudyDate", "StudyTime", *IN_ITEM)
        )
        if not oracle.when_matches(found.study, date, time, self.offset):
            return False
        if (step or procedure) and not oracle.requests_match(
            found.held_series, step, procedure
        ):
            return False
        tests = oracle.LITERAL if self.rules.literal else oracle.BY_PATTERN
        return all(
            tests[key](value, found, self.fuzzy)
            for key, value in self.values.items()
            if key in tests
        )


def search(draw: random.Random, rules: Rules, studies: Sequence[Study]) -> Asked:
    """Return a search by some of the rules' keys and in one of their orders."""
    level, depth = draw.choice(FORMS)
    target = Target(level, *["1", "1.1"][:depth])
    held = draw.choice(studies)
    keys = [key for each in target.levels for key in ASKED[each]]
    if not rules.literal:
        keys += [key for each in target.levels for key in MORE[each]]
    fuzzy = draw.random() < 0.5
    names = [key for each in target.levels for key in SORTS[each]]
    count = 0 if rules.literal else min(draw.choice([0, 1, 1, 2]), len(names))
    return Asked(
        rules,
        target,
        {
            key: _name(draw, held.name, fuzzy=fuzzy, literal=rules.literal)
            if key == "PatientName"
            else VALUES[key](draw, held)
            for key in draw.sample(keys, min(draw.choice([0, 1, 1, 2, 3]), len(keys)))
        },
        fuzzy,
        "" if rules.literal else draw.choice(OFFSETS),
        tuple(draw.choice(["", "-"]) + name for name in draw.sample(names, count)),
    )


def results(level: Level, studies: Sequence[Study]) -> Iterator[Found]:
    """Yield all that a level has, in the order of its storing."""
    age = 0
    for number, held in enumerate(studies, 1):
        if level is Level.STUDY:
            yield Found(str(number), number, held)
            continue
        for nth, series in enumerate(held.series, 1):
            age += 1
            if level is Level.SERIES:
                yield Found(f"{number}.{nth}", age, held, series)
                continue
            for each, instance in enumerate(series.instances, 1):
                age += 1
                yield Found(f"{number}.{nth}.{each}", age, held, series, instance)


def words(draw: random.Random, studies: Sequence[Study]) -> str:
    """Return free text: words of a study, mostly, in any order and form."""
    held = draw.choice(studies)
    texts = [held.name, held.patient_id, held.description, *_of_date(held.date)]
    for series in held.series:
        texts += [series.modality, series.description, *map(" ".join, series.requests)]
    pieces = " ".join(texts).replace("=", " ").split()
    chosen = [draw.choice(pieces or ["x"])[:60] for _ in range(draw.randint(1, 3))]
    if draw.random() < 0.1:
        chosen.append(draw.choice(TERMS)[:40])
    asked = [_as_typed(draw, each) for each in chosen]
    return " ".join(asked) + draw.choice(["", "", " ", "*", ","])


def _of_date(date: str) -> list[str]:
    if not date:
        return []
    month = f"{date[:4]}-{date[4:6]}"
    return [date, date[:4], month, f"{month}-{date[6:]}"]


def _as_typed(draw: random.Random, text: str) -> str:
    form = draw.randrange(6)
    if form == 0:
        return text.upper()
    if form == 1:
        return text[: draw.randint(1, len(text))] + "*"
    if form == 2:
        return text.lower().replace("^", ", ")
    return text
