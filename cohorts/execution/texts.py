"""What the texts of reports say: words, and whether a sentence affirms them.

`phrase`, `all` and `any` are literal: the words stand there. Only `none` knows
negation: it leaves out texts of which a sentence affirms what is named. A sentence
affirms what stands in it, but for what is behind "no", "without" and the like in the
same part of it, or before "is not seen". "Cannot exclude X" is a mention of X.
"""

from collections.abc import Iterator
from typing import Final

from cohorts.criteria.values import Phrase, Text
from cohorts.execution.negation import affirmed
from cohorts.execution.question import Held
from cohorts.execution.statement import FALSE, Sql, all_of, any_of, fill, sql
from cohorts.execution.words import pattern_of, query_of
from fhirlink.events.words import FOLDED, WORDS
from fhirlink.text_index import Texts


def text_condition(text: Text, alias: str, held: Held) -> Sql:
    """Return that the text of an event says what is asked; without text it does not.

    Parameters
    ----------
    held
        Has which texts have the words, where that is known (`with_texts`).
    """
    template = (
        "EXISTS (SELECT FROM fhirlink_eventtext told"
        " WHERE told.event_id = {alias}.id AND {says})"
    )
    if isinstance(text, Phrase):
        return fill(template, alias=alias, says=_has(text.phrase, held))
    conditions = [_has(words, held) for words in text.all]
    if text.any:
        conditions.append(any_of(_has(words, held) for words in text.any))
    for words in text.none:
        said = fill(
            "NOT ({has} AND {affirmed})",
            has=_has(words, held),
            affirmed=affirmed("told.text", words),
        )
        conditions.append(said)
    return fill(template, alias=alias, says=all_of(conditions))


def words_asked(text: Text) -> Iterator[str]:
    """Yield all words that have to be looked for."""
    if isinstance(text, Phrase):
        yield text.phrase
    else:
        yield from (*text.all, *text.any, *text.none)


def _has(words: str, held: Held) -> Sql:
    """Return that the words stand in a text, in sequence."""
    known: Texts | None = held.get(("text", words))
    if known is None:
        return _looked_for(words)
    return fill(
        "({known} OR {newer} AND {looked_for})",
        known=sql("told.event_id = ANY(%s::bigint[])", known.events),
        newer=sql("told.event_id > %s", known.up_to),
        looked_for=_looked_for(words),
    )


def _looked_for(words: str) -> Sql:
    """Return the same, by the index of the database.

    Of a long text it does not know where all its words stand.
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
