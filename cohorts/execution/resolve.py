"""What the words of criteria mean here: found once, before anything is counted."""

from collections.abc import Iterator
from typing import Any

from cohorts.criteria import Query
from cohorts.criteria.check import leaves
from cohorts.criteria.model import Event, OfEvent, Output
from cohorts.criteria.values import Concept, Value, WordsOfValue
from cohorts.execution import concepts
from cohorts.execution.analytes_table import Analyte
from cohorts.execution.projects import scope_of_project
from cohorts.execution.question import Held
from cohorts.execution.values import UnitRow, analytes_of
from core.access import Actor
from core.database import raw_connection


class Resolver:
    """Finds what is held for the parts of criteria, each part once."""

    def __init__(self, actor: Actor, partition: str, partition_id: int) -> None:
        self._actor = actor
        self._partition = partition
        self._partition_id = partition_id
        self.held: dict[tuple[str, Any], Any] = {}

    def query(self, query: Query) -> Held:
        """Return what is held for all parts of a question."""
        for leaf in leaves(query.where):
            if isinstance(leaf, OfEvent):
                self._event(leaf.event)
                continue
            if (site := leaf.patient.site) is not None:
                self._words(site)
            if (project := leaf.patient.project) is not None:
                scope = scope_of_project(self._actor, self._partition, project)
                self.held["project", project] = scope
        for output in query.output:
            self._output(output)
        return self.held

    def _event(self, event: Event) -> None:
        for concept in _concepts_of(event):
            self._concept(concept)
        if event.category is not None:
            self._category(event.category)
        if event.modality is not None:
            self._modality(event.modality)
        if event.value is not None:
            self._value(event.value)

    def _output(self, output: Output) -> None:
        for concept in (output.code, output.body):
            if concept is not None:
                self._concept(concept)
        if output.category is not None:
            self._category(output.category)
        if output.modality is not None:
            self._modality(output.modality)

    def _concept(self, concept: Concept) -> None:
        if ("concept", concept) not in self.held:
            keys = concepts.keys_of(self._partition_id, concept)
            self.held["concept", concept] = keys

    def _words(self, text: str) -> None:
        if ("words", text) not in self.held:
            keys = concepts.keys_of_words(self._partition_id, text)
            self.held["words", text] = keys

    def _category(self, text: str) -> None:
        if ("category", text) not in self.held:
            keys = concepts.keys_of_category(self._partition_id, text)
            self.held["category", text] = keys

    def _modality(self, modality: tuple[str, ...]) -> None:
        if ("modality", modality) not in self.held:
            keys = concepts.keys_of_modalities(self._partition_id, modality)
            self.held["modality", modality] = keys

    def _value(self, value: Value) -> None:
        if isinstance(value, WordsOfValue):
            self._words(value.text)
            return
        if ("units", None) not in self.held:
            self.held["units", None] = _units()
        for analyte in analytes_of(value):
            self._analyte(analyte)

    def _analyte(self, analyte: Analyte) -> None:
        if ("analyte", analyte.name) not in self.held:
            keys = concepts.keys_of_analyte(self._partition_id, analyte)
            self.held["analyte", analyte.name] = keys


def _concepts_of(event: Event) -> Iterator[Concept]:
    for concept in (event.code, event.body):
        if concept is not None:
            yield concept
    if event.series is not None and event.series.body is not None:
        yield event.series.body
    if event.report is not None and event.report.code is not None:
        yield event.report.code


def _units() -> list[UnitRow]:
    rows = raw_connection().execute(
        "SELECT id, system, code, words, canonical FROM fhirlink_unit"
    )
    return [UnitRow(*row) for row in rows]
