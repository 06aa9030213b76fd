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
from cohorts.execution.words import WORDS, query_of


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
    query = query_of([words])
    return (
        sql(f"{_WORDS} @@ to_tsquery('simple'::regconfig, %s)", query)
        if query
        else FALSE
    )


_WORDS: Final = WORDS.format(column="told.text")
