"""The grammar of the English that `cohorts.language.english` writes, for lark."""

from typing import Final

from cohorts.language.wording import NOUNS

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
