"""A question in English, read: criteria, or what has to be asked back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from cohorts.criteria import Query, dumped, parse_criteria
from cohorts.language import chosen as chosen_options
from cohorts.language.accounts import unaccounted
from cohorts.language.chosen import replaced, with_names, with_spans
from cohorts.language.controlled import read_english
from cohorts.language.english import english
from cohorts.language.items import items_of
from cohorts.language.lexicon import Lexicon, own_lexicon
from cohorts.language.neighbours import settled
from cohorts.language.question import read_question
from cohorts.language.repair import Repair, repaired
from cohorts.language.scene import Scene
from cohorts.language.shorthand import written_out
from cohorts.language.state import MOST_CHOICES, State
from cohorts.language.suggested import Absent, Named, Suggestion
from cohorts.language.suggested import as_json as suggested_as_json
from cohorts.language.text import MOST, MOST_TOKENS, tokens_of
from core.errors import Invalid


class Question(NamedTuple):
    """What has to be asked back.

    Attributes
    ----------
    slot
        What is not clear: the word, or ``code:MS``, ``date``, ``value``.
    options
        What it may be; empty where only the asker can tell.
    start, end
        Offsets in the question.
    """

    slot: str
    options: tuple[str, ...]
    start: int = 0
    end: int = 0


class Chip(NamedTuple):
    """An assumption, and the criteria that come of taking the other way.

    Attributes
    ----------
    key
        What it is switched by (`ask`); empty where nothing else can be had.
    """

    key: str
    text: str
    other: str
    criteria: Query | None


class Part(NamedTuple):
    """Words of the question: unused, or a name to be confirmed."""

    text: str
    start: int
    end: int
    type: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a question was read.

    Attributes
    ----------
    criteria
        None where something has to be asked back first.
    ask
        What has to be asked back.
    readback
        The criteria in English; empty without criteria.
    assumptions
        What was assumed.
    unused
        Words that say something and were not understood: with any of them the criteria
        may miss something.
    concepts
        Names that were taken as they are written.
    names
        All names of concepts, and where they are said.
    absent, suggestions
        Names that nobody has, and what could be meant instead: of those who know the
        data (`cohorts.answers.suggesting`).
    """

    criteria: Query | None
    ask: tuple[Question, ...]
    readback: str
    assumptions: tuple[Chip, ...]
    unused: tuple[Part, ...]
    concepts: tuple[Part, ...]
    names: tuple[Named, ...] = ()
    absent: tuple[Absent, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


def ask(
    question: str,
    now: date,
    vocabulary: Lexicon | None = None,
    *,
    switched: Mapping[str, bool] | None = None,
    chosen: Mapping[str, str] | None = None,
) -> Answer:
    """Return how a question is read; whatever is written, there is an answer.

    Parameters
    ----------
    now
        The day that "last year" ends on.
    vocabulary
        Our words with those of the installation (`lexicon_of`); ours alone without.
    switched
        The keys of assumptions that are to be taken the other way.
    chosen
        What was chosen where it asked back before, by slot.
    """
    options = {slot: each[:MOST] for slot, each in (chosen or {}).items()}
    question = with_names(question, options)
    read = _read_back(question)
    if read is not None:
        return Answer(read, (), english(read), (), (), ())
    known = vocabulary or own_lexicon()
    for _ in range(chosen_options.MOST):
        reading = _Reading(question, now, known, options)
        answer = reading.answer(dict(switched or {}))
        told = replaced(question, answer.ask, options)
        if told == question:
            break
        question = told
    return answer


def _read_back(question: str) -> Query | None:
    """Return the criteria of what was read back; None of any other question."""
    try:
        return read_english(question.strip())
    except Invalid:
        return None


class _Reading:
    """A question that may be read several times, each with other assumptions."""

    def __init__(
        self,
        question: str,
        now: date,
        lexicon: Lexicon,
        chosen: Mapping[str, str],
    ) -> None:
        self._question = question[:MOST]
        self._rest = question[MOST:]
        tokens = written_out(tokens_of(question), lexicon)
        tokens, self._repairs = repaired(tokens, lexicon, frozenset())
        self._scene = Scene(self._question, tokens, lexicon, now)
        self._items = with_spans(settled(self._scene, items_of(self._scene)), chosen)

    def answer(self, switched: dict[str, bool]) -> Answer:
        state, criteria = self._read(switched)
        asked = [
            Question(each.slot, each.options, *self._offsets(each.start, each.end))
            for each in state.asks
        ]
        asked.extend(_several(self._repairs))
        if criteria is not None:
            for item in unaccounted(state, dumped(criteria)):
                state.refuse(item)
        unused = self._unused(state)
        if criteria is None and not asked:
            asked = [Question("question", ())]
        if asked:
            criteria = None
        return Answer(
            criteria,
            tuple(asked),
            english(criteria) if criteria else "",
            tuple(self._chips(state, switched)) if criteria else (),
            tuple(unused),
            tuple(
                Part(each.text, *self._offsets(each.start, each.end), each.type)
                for each in state.concepts
            ),
            tuple(self._names(state)),
        )

    def _read(self, switched: Mapping[str, bool]) -> tuple[State, Query | None]:
        state = State(self._scene, self._items, switched)
        found = read_question(state)
        if found is None:
            return state, None
        try:
            return state, parse_criteria(found)
        except Invalid:
            # Such as a window around an event that is only one of several.
            return state, None

    def _offsets(self, start: int, end: int) -> tuple[int, int]:
        tokens = self._scene.tokens
        return tokens[start].start, tokens[max(start, end - 1)].end

    def _names(self, state: State) -> Iterator[Named]:
        for each in state.concepts:
            yield self._named(each.text, each.type, each.start, each.end)
        for item in self._items:
            for entry in item.entries if item.kind == "concept" else ():
                yield self._named(entry.name, entry.kind, item.start, item.end)

    def _named(self, name: str, type_: str, first: int, last: int) -> Named:
        start, end = self._offsets(first, last)
        return Named(name, type_, self._question[start:end], start, end)

    def _unused(self, state: State) -> list[Part]:
        found = []
        for item in state.unused():
            start, end = self._offsets(item.start, item.end)
            found.append(Part(self._question[start:end], start, end))
        tokens = self._scene.tokens
        end = tokens[-1].end if len(tokens) >= MOST_TOKENS else len(self._question)
        if self._question[end:].strip() or self._rest.strip():
            found.append(Part("…", end, len(self._question) + len(self._rest)))
        return found

    def _chips(self, state: State, switched: dict[str, bool]) -> list[Chip]:
        chips = [
            Chip("", f"“{e.token.text}” is read as “{e.word}”", "", None)
            for e in self._repairs
        ]
        for each in state.assumptions[:MOST_CHOICES]:
            other = None
            if each.key:
                is_other = not switched.get(each.key, False)
                _, other = self._read({**switched, each.key: is_other})
            chips.append(Chip(each.key, each.text, each.other, other))
        return chips


def _several(repairs: list[Repair]) -> list[Question]:
    return [
        Question(
            f"word:{each.token.text}",
            (each.word, *each.others),
            each.token.start,
            each.token.end,
        )
        for each in repairs
        if each.others
    ]


def as_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON, as ``manage.py ask --json`` prints it."""
    return {
        "criteria": dumped(answer.criteria) if answer.criteria else None,
        "ask": [{"slot": e.slot, "options": list(e.options)} for e in answer.ask],
        "readback": answer.readback,
        "assumptions": [
            {
                "key": each.key,
                "text": each.text,
                "other": each.other,
                "criteria": dumped(each.criteria) if each.criteria else None,
            }
            for each in answer.assumptions
        ],
        "unused": [e.text for e in answer.unused],
        "concepts": [{"text": e.text, "type": e.type} for e in answer.concepts],
        **suggested_as_json(answer.absent, answer.suggestions),
    }
