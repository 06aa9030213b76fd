"""What the texts of reports say: words, and whether a sentence affirms them.

`phrase`, `all` and `any` are literal: the words stand there. Only `none` knows
negation: it leaves out texts of which a sentence affirms what is named. A sentence
affirms what stands in it, but for what is behind "no", "without" and the like in the
same part of it, or before "is not seen". "Cannot exclude X" is a mention of X.
"""

from typing import Final

from cohorts.criteria.values import Phrase, Text
from cohorts.execution.negation import affirmed
from cohorts.execution.statement import FALSE, Sql, all_of, any_of, fill, sql
from cohorts.execution.words import pattern_of, query_of
from fhirlink.events.words import FOLDED, WORDS


def text_condition(text: Text, alias: str) -> Sql:
    """Return that the text of an event says what is asked; without text it does not."""
    template = (
        "EXISTS (SELECT FROM fhirlink_eventtext told"
        " WHERE told.event_id = {alias}.id AND {says})"
    )
    if isinstance(text, Phrase):
        return fill(template, alias=alias, says=_has(text.phrase))
    conditions = [_has(words) for words in text.all]
    if text.any:
        conditions.append(any_of(_has(words) for words in text.any))
    for words in text.none:
        said = fill(
            "NOT ({has} AND {affirmed})",
            has=_has(words),
            affirmed=affirmed("told.text", words),
        )
        conditions.append(said)
    return fill(template, alias=alias, says=all_of(conditions))


def _has(words: str) -> Sql:
    """Return that the words stand in a text, in sequence.

    Of a long text the index does not know where all its words stand.
    """
    sequence = query_of([words])
    if not sequence:
        return FALSE
    found = sql(f"{_WORDS} @@ {_QUERY}", sequence)
    if " <-> " not in sequence:
        return found
    anywhere = sequence.replace(" <-> ", " & ")
    in_long = sql(
        f"length(told.text) > {_LONG} AND {_WORDS} @@ {_QUERY} AND {_FOLDED} ~ %s",
        anywhere,
        pattern_of(words),
    )
    return any_of([found, in_long])


# Characters of which PostgreSQL keeps every place: 256 of one word at most.
_LONG: Final = 15_000
_FOLDED: Final = FOLDED.format(column="told.text")
_WORDS: Final = WORDS.format(column="told.text")
_QUERY: Final = "to_tsquery('simple'::regconfig, %s)"
