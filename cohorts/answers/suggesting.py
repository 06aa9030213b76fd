"""What could be meant by words that were not understood, or that nobody here uses.

What the data call by itself, by a synonym or by a name that is misspelt, the rules have
found before. Here a name that is meant like the words is offered, by the vectors of
`cohorts.suggestions` where a model is installed. It changes nothing: who asks chooses,
and the name takes the place of the words. A name that nobody has is told as such.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

from cohorts.answers.absent import Held
from cohorts.execution.concepts import keys_of_words
from cohorts.language.asking import Answer, Part, ask
from cohorts.language.lexicon import CONCEPTS, plain_name
from cohorts.language.suggested import Absent, Suggestion
from cohorts.suggestions.nearest import Near, nearest
from cohorts.vocabulary import Words
from core.access import Actor
from core.database import raw_connection
from fhirlink.models import CodeUse

MOST_PHRASES: Final = 4
MOST_NAMES: Final = 3  # for each of them
_LEAST: Final = 2  # words of no known type: one alone is like what is done to it

# Of what has this name in the partition, the code that most events have.
_CODE: Final = """
SELECT k.system, k.code FROM fhirlink_coding g
JOIN fhirlink_concept k ON k.id = g.concept_id
JOIN fhirlink_codeuse u ON u.codeable_concept_id = g.codeable_concept_id AND u.role = %s
WHERE g.codeable_concept_id = ANY(%s) AND g.display = %s
GROUP BY 1, 2 ORDER BY sum(u.number_of_events) DESC, 1, 2 LIMIT 1
"""


class _Phrase(NamedTuple):
    """Words of the question, by what they are compared, and with names of what types.

    Attributes
    ----------
    types
        Groups, of which the first counts that has names like it.
    """

    words: str
    start: int
    end: int
    text: str
    types: Sequence[Sequence[str]]


def read(
    question: str,
    now: date,
    *,
    actor: Actor,
    words: Words,
    switched: Mapping[str, bool] | None = None,
    chosen: Mapping[str, str] | None = None,
) -> Answer:
    """Return how the rules read a question, which names nobody has, and what is like.

    A name is offered only where the question is read better with it: when more of its
    words are understood, or more of its names are there.

    Parameters
    ----------
    words
        What the actor may know that the partition calls things.
    switched, chosen
        As of `cohorts.language.asking.ask`.
    """
    held = Held(actor, words.partition_id)

    def asked(more: Mapping[str, str]) -> Answer:
        choices = {**(chosen or {}), **more}
        found = ask(question, now, words.lexicon, switched=switched, chosen=choices)
        absent = held.absent(found.criteria) if found.criteria else ()
        return replace(found, absent=absent)

    answer = asked({})
    phrases = _phrases(answer)[:MOST_PHRASES]
    wanted = [(each.text, each.types) for each in phrases]
    found = [
        _suggestion(words.partition_id, phrase, name)
        for phrase, names in zip(phrases, nearest(words, wanted), strict=True)
        for name in names[:MOST_NAMES]
    ]
    better = (e for e in found if _is_better(answer, asked({e.slot: e.name})))
    return replace(answer, suggestions=tuple(better))


def _phrases(answer: Answer) -> list[_Phrase]:
    """Return what names are looked for: words that are left, names that nobody has.

    A name may be told as not understood as well: it is looked for once, as its type.
    """
    not_here = [*_not_here(answer)]
    left = [
        each
        for each in _not_understood(answer.unused)
        if not any(
            name.start <= each.start and each.end <= name.end for name in not_here
        )
    ]
    return [*left, *not_here]


def _not_understood(unused: Sequence[Part]) -> Iterator[_Phrase]:
    """Yield words that were not understood; those side by side are one phrase."""
    joined: list[Part] = []
    for each in unused:
        if joined and each.start - joined[-1].end == 1:
            text = f"{joined[-1].text} {each.text}"
            joined[-1] = Part(text, joined[-1].start, each.end)
        else:
            joined.append(each)
    for each in joined:
        if len(each.text.split()) >= _LEAST:
            yield _Phrase(each.text, each.start, each.end, each.text, [CONCEPTS])


def _not_here(answer: Answer) -> Iterator[_Phrase]:
    """Yield the names that nobody has, where the question says them."""
    said = {(each.name, each.type): each for each in reversed(answer.names)}
    for absent in answer.absent:
        named = said.get((absent.text, absent.type))
        if named is not None:
            types = _types_of(answer, absent)
            yield _Phrase(named.phrase, named.start, named.end, absent.text, types)


def _types_of(answer: Answer, absent: Absent) -> list[tuple[str, ...]]:
    """Return where names like it may be: in its own type, then where it may be else."""
    is_open = any(
        each.key.startswith("kind@") and f"“{absent.text}”" in each.text
        for each in answer.assumptions
    )
    return [(absent.type,), ("condition", "procedure")] if is_open else [(absent.type,)]


def _is_better(before: Answer, after: Answer) -> bool:
    if (before.criteria and not after.criteria) or len(after.ask) > len(before.ask):
        return False
    return _left(after) < _left(before)


def _left(answer: Answer) -> int:
    """Return how much of a question is not understood, or not here."""
    return len(answer.unused) + len(answer.absent)


def _suggestion(partition_id: int, phrase: _Phrase, near: Near) -> Suggestion:
    name = plain_name(near.display)
    keys = sorted(keys_of_words(partition_id, name))
    values = (CodeUse.Role.CODE, keys, near.display)
    rows = raw_connection().execute(_CODE, values).fetchall()
    system, code = rows[0] if rows else ("", "")
    return Suggestion(
        phrase=phrase.words,
        start=phrase.start,
        end=phrase.end,
        name=name,
        domain=near.type,
        system=system,
        code=code,
        likeness=near.likeness,
    )
