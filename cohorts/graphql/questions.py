"""Questions in English: how they are read, before anything is counted."""

from typing import Annotated

import strawberry

from cohorts.answers.questions import read_question
from cohorts.criteria import dumped
from cohorts.graphql.arguments import Now
from cohorts.language.asking import Answer, Chip, Part, Question
from core.graphql.context import Info
from core.graphql.scalars import Json
from core.partitions import DEFAULT_PARTITION
from fhirlink.graphql.queries import PartitionName


@strawberry.type(description="Something that has to be asked back.")
class QuestionOptions:
    """What is not clear, and what it may be."""

    slot: str = strawberry.field(
        description="What is not clear: the word, or code:MS, date, value."
    )
    options: list[str] = strawberry.field(
        description="What it may be; empty where only the asker can tell."
    )
    start: int = strawberry.field(description="Where it begins in the question.")
    end: int = strawberry.field(description="Where it ends.")


@strawberry.type(description="What was assumed of a question, and the other way.")
class QuestionAssumption:
    """An assumption that can be switched."""

    key: str = strawberry.field(
        description="What it is switched by; empty where there is no other way."
    )
    text: str = strawberry.field(description="What was assumed.")
    other: str = strawberry.field(description="What could be meant instead.")
    criteria: Json | None = strawberry.field(
        description="The criteria that the other way makes."
    )


@strawberry.type(description="Some words of a question.")
class QuestionWords:
    """Words, and where they stand."""

    text: str = strawberry.field(description="The words.")
    start: int = strawberry.field(description="Where they begin in the question.")
    end: int = strawberry.field(description="Where they end.")
    type: str = strawberry.field(
        description="The kind of event that they were taken for; may be empty."
    )


@strawberry.type(description="A name of the question that is not here.")
class AbsentName:
    """A name, and what is said by that."""

    text: str = strawberry.field(description="The name, as the criteria have it.")
    type: str = strawberry.field(description="The kind of event that has no such name.")
    fewer_than: int = strawberry.field(
        description="Fewer events than this are called so: 1, no patient here has it;"
        " more for whoever does not see all patients."
    )


@strawberry.type(description="A name of the data that words of a question could mean.")
class NameSuggestion:
    """A name that takes the place of the words where it is chosen."""

    slot: str = strawberry.field(description="What it is chosen by.")
    phrase: str = strawberry.field(description="The words.")
    start: int = strawberry.field(description="Where they begin in the question.")
    end: int = strawberry.field(description="Where they end.")
    name: str = strawberry.field(description="What the data call it.")
    domain: str = strawberry.field(description="The kind of event that has the name.")
    system: str = strawberry.field(description="Of its code; empty without one.")
    code: str = strawberry.field(description="Its code; empty of words alone.")
    likeness: float = strawberry.field(
        description="How like the words it is meant, from 0.75; 1 is the same."
    )


@strawberry.input(
    description="What was chosen where a question asked back, or suggested a name."
)
class ChosenOption:
    """A slot, and the option that is meant."""

    slot: str = strawberry.field(description="Of what was asked back or suggested.")
    option: str = strawberry.field(description="One of its options, or other words.")


@strawberry.type(description="How a question in English is read.")
class QuestionAnswer:
    """Criteria, or what has to be asked back."""

    criteria: Json | None = strawberry.field(
        description="The criteria; null where something has to be asked back first."
    )
    ask: list[QuestionOptions] = strawberry.field(
        description="What has to be asked back."
    )
    readback: str = strawberry.field(
        description="The criteria in English; empty without criteria."
    )
    assumptions: list[QuestionAssumption] = strawberry.field(
        description="What was assumed."
    )
    unused: list[QuestionWords] = strawberry.field(
        description="Words that say something and were not understood."
    )
    concepts: list[QuestionWords] = strawberry.field(
        description="Names that were taken as they are written: to be confirmed."
    )
    absent: list[AbsentName] = strawberry.field(
        description="Names of the criteria that are not here."
    )
    suggestions: list[NameSuggestion] = strawberry.field(
        description="Names of the data that could be meant by words that were not"
        " understood or that nobody here uses; none is taken unless it is chosen. Empty"
        " where no model for it is installed."
    )


@strawberry.type
class QuestionQueries:
    """Questions in plain English."""

    @strawberry.field(
        description="How a question in English is read: its criteria, what was assumed,"
        " and what has to be asked back. No patient is looked for."
    )
    async def ask(
        self,
        info: Info,
        question: Annotated[str, strawberry.argument(description="In English.")],
        partition: PartitionName = DEFAULT_PARTITION,
        now: Now = None,
        switched: Annotated[
            list[str] | None,
            strawberry.argument(
                description="The keys of assumptions to be taken the other way."
            ),
        ] = None,
        chosen: Annotated[
            list[ChosenOption] | None,
            strawberry.argument(
                description="What was chosen where the question asked back before, or"
                " suggested a name."
            ),
        ] = None,
    ) -> QuestionAnswer:
        """Read it."""
        context = info.context
        found = await context.ask(
            read_question,
            actor=context.actor,
            partition=partition,
            question=question,
            now=now,
            switched=switched or (),
            chosen={each.slot: each.option for each in chosen or ()},
        )
        return _answer(found)


def _answer(found: Answer) -> QuestionAnswer:
    return QuestionAnswer(
        criteria=None if found.criteria is None else Json(dumped(found.criteria)),
        ask=[_options(each) for each in found.ask],
        readback=found.readback,
        assumptions=[_assumption(each) for each in found.assumptions],
        unused=[_words(each) for each in found.unused],
        concepts=[_words(each) for each in found.concepts],
        absent=[AbsentName(**each._asdict()) for each in found.absent],
        suggestions=[
            NameSuggestion(slot=each.slot, **each._asdict())
            for each in found.suggestions
        ],
    )


def _options(asked: Question) -> QuestionOptions:
    return QuestionOptions(
        slot=asked.slot, options=list(asked.options), start=asked.start, end=asked.end
    )


def _assumption(chip: Chip) -> QuestionAssumption:
    return QuestionAssumption(
        key=chip.key,
        text=chip.text,
        other=chip.other,
        criteria=None if chip.criteria is None else Json(dumped(chip.criteria)),
    )


def _words(part: Part) -> QuestionWords:
    return QuestionWords(text=part.text, start=part.start, end=part.end, type=part.type)
