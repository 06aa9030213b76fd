"""Criteria made at random: their names are bound before they are used."""

import json
from typing import Any

from hypothesis import strategies as st

Json = Any
TEXTS = {
    "condition": ("flu", "fracture", "lung", "cancer"),
    "medication": ("aspirin", "metformin"),
    "procedure": ("biopsies", "chemotherapy"),
    "observation": ("glucose", "body weight", "smoking"),
    "encounter": ("visit", "emergencies of lung"),
    "report": ("ct report",),
    "imaging": ("ct of chest", "knee"),
}
OFFSETS = ("P0D", "P30D", "P1M", "P1Y")


def ranges(*numbers: int) -> st.SearchStrategy[Json]:
    low, high = st.sampled_from(("gt", "gte")), st.sampled_from(("lt", "lte"))
    number = st.sampled_from(numbers)
    return st.one_of(
        st.builds(lambda n, b: {n: b}, low, number),
        st.builds(lambda n, b: {n: b}, high, number),
        st.builds(lambda b: {"eq": b}, number),
        st.builds(
            lambda n, b, m, c: {n: min(b, c), m: max(b, c)}, low, number, high, number
        ),
    )


@st.composite
def windows(draw: st.DrawFn, names: tuple[str, ...]) -> Json:
    kinds = ["last", "days", "moments"] + (["near", "during"] if names else [])
    match draw(st.sampled_from(kinds)):
        case "last":
            return {"last": draw(st.sampled_from(("P30D", "P18M", "P3Y")))}
        case "near":
            ends = draw(
                st.sampled_from(
                    (
                        ("P0D", "P30D"),
                        ("-P1M", "P0D"),
                        ("-P1Y", "P1Y"),
                        (None, "P0D"),
                        ("P0D", None),
                    )
                )
            )
            name = draw(st.sampled_from(names)) + draw(st.sampled_from(("", ".end")))
            return {"near": name, "from": ends[0], "to": ends[1]}
        case "during":
            return {"during": draw(st.sampled_from(names))}
        case "moments":
            return {"from": draw(st.sampled_from(("-P4Y", "-P6M"))), "to": None}
        case _:
            days = ("2020", "2021-03", "2022-06-15", "2024-02-29")
            from_, to = (
                draw(st.sampled_from(days)),
                draw(st.sampled_from((*days, None))),
            )
            return {"from": from_, "to": to}


@st.composite
def events(draw: st.DrawFn, names: tuple[str, ...], name: str) -> Json:
    type_ = draw(st.sampled_from(sorted(TEXTS)))
    event: Json = {"type": type_}
    if draw(st.booleans()):
        event["code"] = {"text": draw(st.sampled_from(TEXTS[type_]))}
    if draw(st.integers(0, 9)) < 4:
        event["when"] = draw(windows(names))
    if draw(st.integers(0, 9)) < 2:
        event["age"] = draw(ranges(20, 45, 60, 70))
    if draw(st.integers(0, 9)) < 2:
        event["count"] = draw(ranges(0, 1, 2, 3))
    if draw(st.integers(0, 9)) < 2:
        event["status"] = draw(
            st.lists(
                st.sampled_from(("refuted", "active", "final", "not-done")),
                min_size=1,
                max_size=2,
            )
        )
    if names and draw(st.integers(0, 9)) < 2:
        event["same"] = draw(st.sampled_from(("encounter", "study")))
    event |= draw(_of_type(type_))
    if name:
        event["as"] = name
        if draw(st.booleans()):
            event["pick"] = draw(st.sampled_from(("first", "last", "any")))
    return {"event": event}


@st.composite
def _of_type(draw: st.DrawFn, type_: str) -> Json:
    if type_ == "imaging":
        return draw(of_images())
    if type_ == "observation" and draw(st.booleans()):
        return {"value": draw(values())}
    if type_ == "report" and draw(st.booleans()):
        return {"text": draw(texts())}
    return {}


def values() -> st.SearchStrategy[Json]:
    units = st.sampled_from(("mg/dL", "mmol/L", "kg", "g"))
    numbers = ranges(4, 5, 90, 100, 180)
    return st.one_of(
        st.builds(lambda number, unit: {**number, "unit": unit}, numbers, units),
        ranges(5, 90, 100),
        st.just({"text": "smoker"}),
    )


def texts() -> st.SearchStrategy[Json]:
    word = st.sampled_from(("pulmonary nodule", "effusion", "heart"))
    words = st.lists(word, min_size=1, max_size=2)
    return st.one_of(
        st.builds(lambda w: {"phrase": w}, word),
        st.builds(lambda k, w: {k: w}, st.sampled_from(("all", "any", "none")), words),
        st.builds(lambda a, n: {"all": a, "none": n}, words, words),
    )


@st.composite
def of_images(draw: st.DrawFn) -> Json:
    found: Json = {}
    modality = st.sampled_from((["CT"], ["MR"], ["CT", "MR"]))
    body = st.sampled_from(("chest", "knee", "brain"))
    if draw(st.booleans()):
        found["modality"] = draw(modality)
    if draw(st.integers(0, 9)) < 3:
        found["body"] = {"text": draw(body)}
    if draw(st.integers(0, 9)) < 2:
        found["instances"] = draw(ranges(5, 20, 40))
    if draw(st.integers(0, 9)) < 3:
        found["series"] = {"modality": draw(modality), "body": {"text": draw(body)}}
        if draw(st.booleans()):
            found["series"]["count"] = draw(ranges(0, 1, 2))
        if draw(st.booleans()):
            found["series"]["instances"] = draw(ranges(5, 20))
    if draw(st.integers(0, 9)) < 3:
        found["report"] = {"text": draw(texts())}
    return found


@st.composite
def patients(draw: st.DrawFn, names: tuple[str, ...]) -> Json:
    at = ["now", "death", "2020-06-30", "2021-02", *(f"@{name}" for name in names)]
    return {
        "patient": draw(
            st.one_of(
                st.builds(lambda g: {"gender": g}, st.sampled_from(("male", "female"))),
                st.builds(
                    lambda r, a: {"age": {**r, "at": a}},
                    ranges(20, 45, 60, 70),
                    st.sampled_from(at),
                ),
                st.builds(
                    lambda n, d: {"birth": {n: d}},
                    st.sampled_from(("gt", "gte", "lt", "lte", "eq")),
                    st.sampled_from(("1960", "1975-12", "1950-02-28", "1980-05-05")),
                ),
                st.builds(lambda d: {"deceased": d}, st.booleans()),
                st.builds(lambda w: {"deceased": {"when": w}}, windows(names)),
            )
        )
    }


@st.composite
def nodes(
    draw: st.DrawFn, names: tuple[str, ...] = (), depth: int = 0, taken: Any = None
) -> Json:
    taken = taken if taken is not None else iter("abcdefghijklmnopqrstuvwxyz" * 2)
    kind = (
        draw(
            st.sampled_from(
                ("event", "event", "patient", "all", "any", "not", "atleast")
            )
        )
        if depth < 3
        else "event"
    )
    if depth == 0:
        kind = draw(st.sampled_from(("all", "all", "all", "any", "not", "event")))
    match kind:
        case "event":
            return draw(events(names, ""))
        case "patient":
            return draw(patients(names))
        case "not":
            return {"not": draw(nodes(names, depth + 1, taken))}
        case "any":
            return {
                "any": [
                    draw(nodes(names, depth + 1, taken))
                    for _ in range(draw(st.integers(1, 3)))
                ]
            }
        case "atleast":
            parts = [
                draw(nodes(names, depth + 1, taken))
                for _ in range(draw(st.integers(1, 3)))
            ]
            return {"atleast": {"n": draw(st.integers(1, 3)), "of": parts}}
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            name = next(taken)
            parts.append(draw(events(names, name)))
            names = (*names, name)
        else:
            parts.append(draw(nodes(names, depth + 1, taken)))
    return {"all": parts}


def used_in(criteria: Json, last: str = "") -> set[str]:
    """Return the names that are used anywhere; of "the same" all names."""
    text = json.dumps(criteria)
    if '"same"' in text:
        return set("abcdefghijklmnopqrstuvwxyz")
    return {
        c
        for c in "abcdefghijklmnopqrstuvwxyz"
        if any(f'"{k}{c}{e}"' in text for k, e in (("", ".end"), ("@", "")))
        or any(f'"{m}": "{c}"' in text for m in ("near", "during"))
    }
