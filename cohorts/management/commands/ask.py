"""``manage.py ask``: how a question in English is read, without asking it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cohorts.answers.suggesting import read
from cohorts.language.asking import Answer, as_json
from cohorts.vocabulary import Words, words_in
from core.access import system
from core.errors import PortalError
from core.partitions import DEFAULT_PARTITION

_ACTOR: Final = system("manage.py ask")


class Command(BaseCommand):
    """Read questions, and print what they mean or what has to be asked back."""

    help = (
        "Reads a question in English, or those of a file, and prints what it means as"
        " criteria, in English again, and what has to be asked back. Nothing is looked"
        " for; `cohort run` does that. It works on an empty installation as well."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the question, and how to answer."""
        parser.add_argument("question", nargs="?", help="in English")
        parser.add_argument(
            "--file", type=Path, help="JSON lines, each with `id`, `question`, `now`"
        )
        parser.add_argument(
            "--now", type=_day, help="the day that windows end on: 2026-01-31"
        )
        parser.add_argument(
            "--chosen",
            action="append",
            default=[],
            metavar="SLOT=OPTION",
            help="what is meant where it asked back or suggested a name:"
            " MS=multiple sclerosis",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--partition", default=DEFAULT_PARTITION, help="whose words are known"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, and print."""
        if (options["question"] is None) == (options["file"] is None):
            message = "Give a question, or --file with questions."
            raise CommandError(message)
        words = _words(options["partition"])
        now = options["now"] or timezone.localdate()
        if options["file"] is not None:
            for line in _answers(options["file"], options["now"], now, words):
                self.stdout.write(line)
            return
        chosen = dict(each.split("=", 1) for each in options["chosen"] if "=" in each)
        answer = read(
            options["question"], now, actor=_ACTOR, words=words, chosen=chosen
        )
        if options["json"]:
            self.stdout.write(orjson.dumps(as_json(answer)).decode())
            return
        for line in told(answer):
            self.stdout.write(line)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _words(partition: str) -> Words:
    try:
        return words_in(actor=_ACTOR, partition=partition)
    except PortalError as error:
        raise CommandError(error.message) from error


def _answers(
    path: Path, given: date | None, today: date, words: Words
) -> Iterator[str]:
    """Yield an answer as JSON for each line of a file.

    Raises
    ------
    CommandError
        The file cannot be read, or a line is no question.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise CommandError(message) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            question, name = str(row["question"]), row.get("id")
            now = given or date.fromisoformat(row.get("now") or today.isoformat())
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"{path.name}, line {number}: no JSON object with a `question`."
            raise CommandError(message) from error
        found = as_json(read(question, now, actor=_ACTOR, words=words))
        yield orjson.dumps({"id": name, **found}).decode()


def told(answer: Answer) -> Iterator[str]:
    """Yield the lines that tell somebody how a question was read."""
    for each in answer.ask:
        options = ", ".join(each.options) or "please say it with other words"
        yield f"Which is meant by “{each.slot}”? {options}"
    if answer.readback:
        yield answer.readback
    for chip in answer.assumptions:
        yield f"Assumed: {chip.text}" + (f"; or {chip.other}" if chip.other else "")
    for concept in answer.concepts:
        yield f"Taken as written: “{concept.text}” ({concept.type})"
    for name in answer.absent:
        yield f"{_few(name.fewer_than)} “{name.text}” ({name.type})"
    if answer.unused:
        words = ", ".join(f"“{each.text}”" for each in answer.unused)
        yield f"Not understood: {words}"
    for like in answer.suggestions:
        told = f"“{like.phrase}”: did you mean {like.name} ({like.domain},"
        yield f'{told} {like.likeness:.2f})? --chosen "{like.slot}={like.name}"'


def _few(fewer_than: int) -> str:
    if fewer_than == 1:
        return "No patient here has"
    return f"Fewer than {fewer_than} events here are called"
