"""Reading the English that `cohorts.language.english` writes."""

from functools import lru_cache
from typing import Any, Final

import orjson
from lark import Lark, Token, Transformer
from lark.exceptions import LarkError

from cohorts.criteria import Query, parse_criteria
from cohorts.language.english import BOUNDS, DAYS, NOUNS

LONGEST: Final = 30_000
"""Characters that are read."""

BEGINNING: Final = "Find "
Json = Any

_EVENTS: Final = " | ".join(
    f'"{one}" -> k_{kind}'
    for kind, (one, _) in NOUNS.items()
    if kind not in {"patient", "count", "document"}
)
_WHAT: Final = " | ".join(f'"{many}" -> k_{kind}' for kind, (_, many) in NOUNS.items())
GRAMMAR: Final = rf"""
query: "Find" FIND "where" node "." "List" output (";" output)* "." sort? limit?
FIND: "patients" | "studies" | "events"
sort: "Sort" "by" AGE "."
AGE: "newest" | "oldest"
limit: "Show" INT "."

?node: term | term ("and" term)+ -> all | term ("or" term)+ -> any
?term: "(" node ")"
  | "not" term -> denied
  | INT "or" "more" "of" "(" node (";" node)* ")" -> atleast
  | "the" "patient" "is" trait ("," trait)* -> patient_node
  | "there" "is" article event -> event_node
  | "in" "the" "cohort" STRING -> cohort
!article: "a" | "an" | "any" | "no" | "the" "first" | "the" "last"
event: noun ("of" concept)? ("," clause)*
noun: {_EVENTS}

trait: GENDER -> gender
  | "of" "another" "gender" -> other | "of" "unknown" "gender" -> unknown
  | "aged" bounds age_at? -> aged
  | "born" dates -> born
  | "dead" when? -> dead | "alive" -> alive
  | "at" "the" "site" STRING -> site | "in" "the" "project" STRING -> project
age_at: "on" DAY -> age_on | "on" "the" "date" "of" NAME -> age_of
  | "at" "death" -> age_at_death
GENDER: "female" | "male"

?clause: "by" modalities -> modality | "showing" concept -> body
  | bounds "instances" -> instances | bounds "of" "them" -> count
  | "having" tag -> tag_clause
  | "with" "a" "series" "(" clause ("," clause)* ")" -> series
  | "with" "a" "report" "(" report_clause ("," report_clause)* ")" -> report_of
  | "in" "the" "category" STRING -> category
  | "with" "status" strings -> status
  | "with" "the" "value" STRING -> words
  | bounds ("in" STRING)? -> quantity
  | saying
  | "at" "an" "age" bounds -> age_then
  | when -> when_clause
  | "in" "the" "same" SAME -> same
  | "named" NAME -> named
SAME: "encounter" | "study"
?report_clause: saying | "of" concept -> code_clause | "with" "status" strings -> status
?saying: "saying" STRING -> phrase | "saying" terms+ -> terms_clause
terms: TERMS "of" "(" STRING ("," STRING)* ")"
TERMS: "all" | "any" | "none"
modalities: MODALITY ("/" MODALITY)*
strings: STRING ("/" STRING)*

tag: TAG ("by" STRING)? condition* ("in" STRING)?
!word: "above" | "at" "least" | "below" | "at" "most" | "exactly"
condition: word value -> compared | "one" "of" "(" (value ("," value)*)? ")" -> one_of
  | "containing" STRING -> contains | "present" -> present | "absent" -> absent
value: STRING | NUMBER
bounds: bound (MORE bound)*
bound: word number
?number: NUMBER | INT
dates: date_bound (MORE date_bound)*
date_bound: SIDE_OF_DAY DAY
SIDE_OF_DAY: "after" | "from" | "before" | "until" | "on"
MORE.2: /and(?= (above|at least|below|at most|exactly|after|from|before|until|on) )/

?concept: STRING -> text | "the" "set" STRING -> set
  | "the" "codes" "(" code ("," code)* ")" -> codes
  | "any" "of" "(" concept ("," concept)* ")" but? -> group
but: "but" "none" "of" "(" concept ("," concept)* ")"
code: STRING "of" STRING BELOW?
BELOW.2: /and below/

?when: "in" "the" "last" span -> last
  | "during" NAME -> during
  | "from" moment "on" -> since | "until" moment -> until
  | "from" moment "to" moment -> between
  | "from" offset "to" offset "around" NAME END? -> near
END: "at its end"
?moment: DAY -> day | "now" -> now | offset_of "now"
?offset: offset_of | "the" "same" "day" -> same_day
  | "any" "time" "before" -> open | "any" "time" "after" -> open
offset_of: span SIDE
SIDE: "before" | "after"
span: (INT UNIT)+
UNIT: /years?|months?|days?/

output: (pick "of")? what ("," out_clause)*
!pick: "the" "first" | "the" "last" | "any"
what: {_WHAT}
?out_clause: "of" "the" "studies" -> of_imaging | "of" concept -> code_clause
  | "by" modalities -> modality | "showing" concept -> body
  | "in" "the" "category" STRING -> category | "with" "status" strings -> status
  | when -> when_clause
  | "that" "matched" -> matched | "matched" "or" "not" -> unmatched
  | "as" "a" FORM -> form
FORM: "table" | "bundle" | "zip"

STRING: /"(?:[^"\\]|\\.)*"/
DAY.2: /\d{{4}}(?:-\d{{2}}(?:-\d{{2}})?)?(?![\d]| (?:year|month|day))/
INT: /\d+/
NUMBER.1: /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/
NAME: /[A-Za-z][A-Za-z0-9_]*/
MODALITY: /[A-Z0-9_]{{1,16}}/
TAG: /[A-Za-z][A-Za-z0-9]*|[0-9A-Fa-fxX]{{8}}/
%ignore " "
"""


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


def _string(token: str) -> str:
    return str(orjson.loads(str(token)))


_SIDES: Final = {"before": "-", "after": ""}
_UNITS: Final = {"y": "Y", "m": "M", "d": "D"}
_WORDS: Final = {tuple(word.split()): name for name, word in BOUNDS.items()}
_DAYS: Final = {word: name for name, word in DAYS.items()}
_PICKS: Final = {"the first": "first", "the last": "last", "any": "any"}


class _Criteria(Transformer[Token, Json]):
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
        return {"cohort": _string(items[0])}

    # --- patients -----------------------------------------------------------------

    def patient_node(self, items: list[Json]) -> Json:
        return {"patient": _joined(items)}

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
        return {"site": _string(items[0])}

    def project(self, items: list[Json]) -> Json:
        return {"project": _string(items[0])}

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
        return {"type": kind, **_joined(clauses)}

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
        return {"series": _joined(items)}

    def report_of(self, items: list[Json]) -> Json:
        return {"report": _joined(items)}

    def category(self, items: list[Json]) -> Json:
        return {"category": _string(items[0])}

    def status(self, items: list[Json]) -> Json:
        return {"status": items[0]}

    def strings(self, items: list[Json]) -> Json:
        return [_string(each) for each in items]

    def words(self, items: list[Json]) -> Json:
        return {"value": {"text": _string(items[0])}}

    def quantity(self, items: list[Json]) -> Json:
        bounds, *unit = items
        more = {"unit": _string(unit[0])} if unit else {}
        return {"value": {**bounds, **more}}

    def phrase(self, items: list[Json]) -> Json:
        return {"text": {"phrase": _string(items[0])}}

    def terms_clause(self, items: list[Json]) -> Json:
        return {"text": _joined(items)}

    def terms(self, items: list[Json]) -> Json:
        name, *terms = items
        return {str(name): [_string(each) for each in terms]}

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

    # --- attributes and numbers ---------------------------------------------------

    def tag(self, items: list[Json]) -> Json:
        name, *rest = items
        found: Json = {"tag": str(name)}
        for at, each in enumerate(rest):
            if isinstance(each, dict):
                found.update(each)
            else:
                found["creator" if at == 0 and len(rest) > 1 else "unit"] = _string(
                    each
                )
        return found

    def word(self, items: list[Json]) -> str:
        return _WORDS[tuple(map(str, items))]

    def compared(self, items: list[Json]) -> Json:
        return {items[0]: items[1]}

    def one_of(self, items: list[Json]) -> Json:
        return {"in": items}

    def contains(self, items: list[Json]) -> Json:
        return {"contains": _string(items[0])}

    def present(self, _: list[Json]) -> Json:
        return {"exists": True}

    def absent(self, _: list[Json]) -> Json:
        return {"exists": False}

    def value(self, items: list[Json]) -> Json:
        return orjson.loads(str(items[0]))

    def number(self, items: list[Json]) -> Json:
        return orjson.loads(str(items[0]))

    def bounds(self, items: list[Json]) -> Json:
        return _joined([each for each in items if isinstance(each, dict)])

    def bound(self, items: list[Json]) -> Json:
        return {items[0]: orjson.loads(str(items[1]))}

    def dates(self, items: list[Json]) -> Json:
        return self.bounds(items)

    def date_bound(self, items: list[Json]) -> Json:
        return {_DAYS[str(items[0])]: str(items[1])}

    # --- concepts -----------------------------------------------------------------

    def text(self, items: list[Json]) -> Json:
        return {"text": _string(items[0])}

    def set(self, items: list[Json]) -> Json:
        return {"set": _string(items[0])}

    def codes(self, items: list[Json]) -> Json:
        return {"codes": items}

    def code(self, items: list[Json]) -> Json:
        code, system, *below = items
        more = {"descendants": True} if below else {}
        return {"system": _string(system), "code": _string(code), **more}

    def group(self, items: list[Json]) -> Json:
        if isinstance(items[-1], list):
            return {"anyOf": items[:-1], "not": items[-1]}
        return {"anyOf": items}

    def but(self, items: list[Json]) -> Json:
        return items

    # --- windows ------------------------------------------------------------------

    def last(self, items: list[Json]) -> Json:
        return {"last": items[0]}

    def during(self, items: list[Json]) -> Json:
        return {"during": str(items[0])}

    def since(self, items: list[Json]) -> Json:
        return {"from": items[0], "to": None}

    def until(self, items: list[Json]) -> Json:
        return {"from": None, "to": items[0]}

    def between(self, items: list[Json]) -> Json:
        return {"from": items[0], "to": items[1]}

    def near(self, items: list[Json]) -> Json:
        first, last, name, *end = items
        return {"near": str(name) + ".end" * bool(end), "from": first, "to": last}

    def day(self, items: list[Json]) -> str:
        return str(items[0])

    def now(self, _: list[Json]) -> str:
        return "P0D"

    def same_day(self, _: list[Json]) -> str:
        return "P0D"

    def open(self, _: list[Json]) -> None:
        return None

    def offset_of(self, items: list[Json]) -> str:
        return f"{_SIDES[items[1]]}{items[0]}"

    def span(self, items: list[Json]) -> str:
        pairs = zip(items[::2], items[1::2], strict=True)
        return "P" + "".join(f"{number}{_UNITS[unit[0]]}" for number, unit in pairs)

    # --- outputs ------------------------------------------------------------------

    def output(self, items: list[Json]) -> Json:
        pick = {"pick": items.pop(0)} if items[0] in _PICKS.values() else {}
        what, *clauses = items
        return {"what": what, **pick, **_joined(clauses)}

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


def _joined(items: list[Json]) -> Json:
    """Return members together; several attributes are one list."""
    found: Json = {}
    for each in items:
        for name, value in each.items():
            if name == "tags" and "tags" in found:
                found["tags"] = [*found["tags"], *value]
            else:
                found[name] = value
    return found


def _is_concept(value: Json) -> bool:
    return set(value) <= {"text", "set", "codes", "anyOf", "not"} and not (
        isinstance(value.get("text"), dict)
    )
