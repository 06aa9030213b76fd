"""Reading the English that `cohorts.language.english` writes."""

from functools import lru_cache
from typing import Any, Final

import orjson
from lark import Lark
from lark.exceptions import LarkError

from cohorts.criteria import Query, parse_criteria
from cohorts.language.controlled_parts import Parts, string_of, together
from cohorts.language.grammar import GRAMMAR

LONGEST: Final = 30_000
"""Characters that are read."""

BEGINNING: Final = "Find "
Json = Any


def read_english(text: str) -> Query | None:
    """Return the criteria of an English that `english` wrote; None of any other.

    Raises
    ------
    Invalid
        It breaks a rule of criteria.
    """
    if len(text) > LONGEST or not text.startswith(BEGINNING):
        return None
    try:
        found: object = _parser().parse(text)
    except (LarkError, orjson.JSONDecodeError):
        return None
    return parse_criteria(found)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    # What is read is made while it is read: however deep, nothing is called deeply.
    return Lark(GRAMMAR, start="query", parser="lalr", transformer=_Criteria())


_PICKS: Final = {"the first": "first", "the last": "last", "any": "any"}


class _Criteria(Parts):
    """Makes JSON of what was read; a method for each rule of the grammar."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("k_"):
            return lambda _: name[2:]
        raise AttributeError(name)

    def query(self, items: list[Json]) -> Json:
        find, where, *rest = items
        outputs = [each for each in rest if "what" in each]
        more = {k: v for e in rest if "what" not in e for k, v in e.items()}
        return {"v": 1, "find": str(find), "where": where, "output": outputs, **more}

    def sort(self, items: list[Json]) -> Json:
        return {"sort": "-date" if items[0] == "newest" else "date"}

    def limit(self, items: list[Json]) -> Json:
        return {"limit": int(items[0])}

    def all(self, items: list[Json]) -> Json:
        return {"all": items}

    def any(self, items: list[Json]) -> Json:
        return {"any": items}

    def denied(self, items: list[Json]) -> Json:
        return {"not": items[0]}

    def atleast(self, items: list[Json]) -> Json:
        return {"atleast": {"n": int(items[0]), "of": items[1:]}}

    def cohort(self, items: list[Json]) -> Json:
        return {"cohort": string_of(items[0])}

    # --- patients -----------------------------------------------------------------

    def patient_node(self, items: list[Json]) -> Json:
        return {"patient": together(items)}

    def gender(self, items: list[Json]) -> Json:
        return {"gender": str(items[0])}

    def other(self, _: list[Json]) -> Json:
        return {"gender": "other"}

    def unknown(self, _: list[Json]) -> Json:
        return {"gender": "unknown"}

    def aged(self, items: list[Json]) -> Json:
        bounds, *at = items
        return {"age": {**bounds, "at": at[0] if at else "now"}}

    def age_on(self, items: list[Json]) -> Json:
        return str(items[0])

    def age_at_death(self, _: list[Json]) -> str:
        return "death"

    def age_of(self, items: list[Json]) -> Json:
        return f"@{items[0]}"

    def born(self, items: list[Json]) -> Json:
        return {"birth": items[0]}

    def dead(self, items: list[Json]) -> Json:
        return {"deceased": {"when": items[0]} if items else True}

    def alive(self, _: list[Json]) -> Json:
        return {"deceased": False}

    def site(self, items: list[Json]) -> Json:
        return {"site": string_of(items[0])}

    def project(self, items: list[Json]) -> Json:
        return {"project": string_of(items[0])}

    # --- events -------------------------------------------------------------------

    def event_node(self, items: list[Json]) -> Json:
        article, event = items
        if article == "no":
            return {"not": {"event": event}}
        pick = {"pick": _PICKS[article]} if article in _PICKS else {}
        return {"event": {**event, **pick}}

    def article(self, items: list[Json]) -> str:
        return " ".join(items)

    def event(self, items: list[Json]) -> Json:
        kind, *clauses = items
        if clauses and _is_concept(clauses[0]):
            clauses[0] = {"code": clauses[0]}
        return {"type": kind, **together(clauses)}

    def noun(self, items: list[Json]) -> Json:
        return items[0]

    def modality(self, items: list[Json]) -> Json:
        return {"modality": items[0]}

    def modalities(self, items: list[Json]) -> Json:
        return [str(each) for each in items]

    def body(self, items: list[Json]) -> Json:
        return {"body": items[0]}

    def instances(self, items: list[Json]) -> Json:
        return {"instances": items[0]}

    def count(self, items: list[Json]) -> Json:
        return {"count": items[0]} if items else "count"

    def tag_clause(self, items: list[Json]) -> Json:
        return {"tags": [items[0]]}

    def series(self, items: list[Json]) -> Json:
        return {"series": together(items)}

    def report_of(self, items: list[Json]) -> Json:
        return {"report": together(items)}

    def category(self, items: list[Json]) -> Json:
        return {"category": string_of(items[0])}

    def status(self, items: list[Json]) -> Json:
        return {"status": items[0]}

    def strings(self, items: list[Json]) -> Json:
        return [string_of(each) for each in items]

    def words(self, items: list[Json]) -> Json:
        return {"value": {"text": string_of(items[0])}}

    def quantity(self, items: list[Json]) -> Json:
        bounds, *unit = items
        more = {"unit": string_of(unit[0])} if unit else {}
        return {"value": {**bounds, **more}}

    def phrase(self, items: list[Json]) -> Json:
        return {"text": {"phrase": string_of(items[0])}}

    def terms_clause(self, items: list[Json]) -> Json:
        return {"text": together(items)}

    def terms(self, items: list[Json]) -> Json:
        name, *terms = items
        return {str(name): [string_of(each) for each in terms]}

    def age_then(self, items: list[Json]) -> Json:
        return {"age": items[0]}

    def when_clause(self, items: list[Json]) -> Json:
        return {"when": items[0]}

    def same(self, items: list[Json]) -> Json:
        return {"same": str(items[0])}

    def named(self, items: list[Json]) -> Json:
        return {"as": str(items[0])}

    def code_clause(self, items: list[Json]) -> Json:
        return {"code": items[0]}

    # --- outputs ------------------------------------------------------------------

    def output(self, items: list[Json]) -> Json:
        pick = {"pick": items.pop(0)} if items[0] in _PICKS.values() else {}
        what, *clauses = items
        return {"what": what, **pick, **together(clauses)}

    def pick(self, items: list[Json]) -> str:
        return _PICKS[" ".join(items)]

    def what(self, items: list[Json]) -> Json:
        return items[0]

    def of_imaging(self, _: list[Json]) -> Json:
        return {"of": "imaging"}

    def matched(self, _: list[Json]) -> Json:
        return {"matching": True}

    def unmatched(self, _: list[Json]) -> Json:
        return {"matching": False}

    def form(self, items: list[Json]) -> Json:
        return {"as": str(items[0])}


def _is_concept(value: Json) -> bool:
    return set(value) <= {"text", "set", "codes", "anyOf", "not"} and not (
        isinstance(value.get("text"), dict)
    )
