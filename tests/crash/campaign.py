"""Rounds of clients, kills and judgement on one portal."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Final

import psycopg

from tests.crash import judge_answers
from tests.crash.contents import Forge
from tests.crash.event_listener import EventListener
from tests.crash.feed_reader import FeedReader
from tests.crash.imports import FolderImport
from tests.crash.judge_blobs import check_blobs, manage
from tests.crash.judge_links import check_links
from tests.crash.judge_rows import check_rows
from tests.crash.judge_usage import check_usage
from tests.crash.judge_worklist import check_worklist
from tests.crash.ledger import Content, Key
from tests.crash.performer import Performer
from tests.crash.rebuild import check_rebuild
from tests.crash.victims import Victim, kill
from tests.crash.writer import Writer
from tests.stack import Stack

WRITERS: Final = 4
SHARED_STUDIES: Final = 3
PAGES: Final = (7, 1000)  # what each feed reader asks for at once
LONG_PAUSE_S: Final = 2.0  # before a kill, at most
SHORT_PAUSE_S: Final = 0.2  # the same in the midst of an import
SECOND_KILL: Final = 0.4  # of the rounds kill again, often in the midst of a recovery


class Campaign:
    """Everything that lasts longer than a round.

    Parameters
    ----------
    seed
        Decides what is killed and what clients do; when they meet, the machine does.
    """

    def __init__(self, stack: Stack, seed: int) -> None:
        self.stack = stack
        self.kills: Counter[Victim] = Counter()
        self.seed = seed
        self._dice = random.Random(seed)
        forge = Forge(WRITERS, self._dice)
        shared = [forge.uid() for _ in range(SHARED_STUDIES)]
        self._writers = [Writer(number, seed, shared) for number in range(WRITERS)]
        self._readers = [FeedReader(limit) for limit in PAGES]
        self._performer, self._listener = Performer(), EventListener()
        self._imports: list[FolderImport] = []  # whose end nobody has awaited
        self._import_counts: Counter[str] = Counter()
        self._deck: list[Victim] = []
        self._half_swept = False

    @property
    def counts(self) -> Counter[str]:
        """Return what the clients and the imports have counted, all together."""
        ledgers = [each.ledger.counts for each in self._writers]
        told = Counter({"events told twice": self._listener.repeated})
        counts = [*ledgers, self._import_counts, self._performer.counts, told]
        return sum(counts, Counter())

    @property
    def held(self) -> dict[Key, Content]:
        """Return what must be held."""
        return {k: v for each in self._writers for k, v in each.ledger.held.items()}

    @property
    def feed_length(self) -> int:
        """Return how many entries the readers have seen."""
        return len(self._readers[0].seen)

    def draw(self) -> list[Victim]:
        """Return the victims of a round: each has its turn before one has another."""
        if not self._deck:
            self._deck = self._dice.sample(list(Victim), len(Victim))
        victims = [self._deck.pop()]
        if self._dice.random() < SECOND_KILL:
            victims.append(self._dice.choice(list(Victim)))
        return victims

    def run(self, victims: Sequence[Victim], *, import_files: int = 0) -> None:
        """Kill the victims while all clients work; end with a portal that is ready.

        Parameters
        ----------
        import_files
            How many files a folder import has that runs meanwhile; 0 for none.
        """
        self._half_swept |= Victim.SWEEPER in victims
        folder_import = self._new_import(import_files) if import_files else None
        longest_pause_s = SHORT_PAUSE_S if folder_import else LONG_PAUSE_S
        with self._traffic() as stop:
            if folder_import is not None:
                folder_import.start(self.stack)
                folder_import.wait_for_its_midst(self.stack)
            for victim in victims:
                stop.wait(self._dice.uniform(0, longest_pause_s))
                self.kills[victim] += kill(self.stack, victim, self._dice)
            stop.wait(self._dice.uniform(0.5, 1.5))
            self.stack.wait_until_ready()
            stop.wait(0.5)

    def judge(self) -> list[str]:
        """Wait for the imports to end; return all that is wrong."""
        stack = self.stack
        with judge_answers.PatientClient(
            base_url=f"{stack.base_url}/dicomweb",
            headers={"Authorization": f"Bearer {stack.token}"},
            timeout=judge_answers.PATIENCE_S,
        ) as client:
            return [
                *self._settle(client),
                *self._judge_answers(client),
                *self._judge_data(),
            ]

    def _new_import(self, size: int) -> FolderImport:
        self._import_counts["imports"] += 1
        number = WRITERS + self._import_counts["imports"]
        folder = self.stack.data / "incoming" / str(number)
        self._imports.append(FolderImport(folder, number, size, self.seed))
        return self._imports[-1]

    @contextmanager
    def _traffic(self) -> Iterator[Event]:
        """Let all clients work; on return each has had its answer or given up."""
        stop = Event()
        works = [each.work for each in self._writers]
        works += [each.work for each in self._readers]
        works += [self._performer.work, self._listener.work]
        stack = self.stack
        self._listener.subscribe(stack.base_url, stack.token)
        with ThreadPoolExecutor(len(works)) as threads:
            working = [
                threads.submit(work, stack.base_url, stack.token, stop)
                for work in works
            ]
            try:
                yield stop
            finally:
                stop.set()
        for each in working:
            each.result()

    def _settle(self, client: judge_answers.PatientClient) -> Iterator[str]:
        """Make certain what the clients left open; yield what they found wrong."""
        for each in self._imports:
            yield from each.problems(self.stack, client)
            self._import_counts["imports taken up again"] += each.attempts > 1
            # From now on a client replaces and deletes what was imported.
            self._writers[0].ledger.held.update(each.held)
        self._imports.clear()
        for writer in self._writers:
            yield from writer.problems
            writer.problems.clear()
            yield from judge_answers.resolve(client, writer.ledger)

    def _judge_answers(self, client: judge_answers.PatientClient) -> Iterator[str]:
        stack, held = self.stack, self.held
        for writer in self._writers:
            yield from judge_answers.check_gone(client, writer.ledger)
        yield from judge_answers.check_held(client, held)
        yield from judge_answers.check_search(client, held)
        yield from judge_answers.check_metadata(client, held)
        yield from judge_answers.check_feed(
            stack.base_url, stack.token, self._readers, held
        )

    def _judge_data(self) -> Iterator[str]:
        stack = self.stack
        with psycopg.connect(stack.places.database_url, autocommit=True) as connection:
            yield from check_rows(connection, self.held)
            yield from check_rebuild(connection)
            yield from check_usage(connection)
            with judge_answers.PatientClient(
                base_url=f"{stack.base_url}/fhir",
                headers={"Authorization": f"Bearer {stack.token}"},
                timeout=judge_answers.PATIENCE_S,
            ) as client:
                yield from check_links(connection, client, self.held)
            yield from check_worklist(
                stack, connection, self._performer, self._listener
            )
            yield from check_blobs(stack, connection, half_swept=self._half_swept)
        self._half_swept = False
        said = manage(stack, "audit", "verify")
        if said != "The audit log is whole.":
            yield said
