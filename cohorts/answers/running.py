"""Asking a question and keeping who was found: what pages of answers are read from."""

import time
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cohorts.answers.audited import record_question
from cohorts.answers.counting import counts_of
from cohorts.answers.found_runs import FoundRun, table_state, with_edges
from cohorts.answers.kept_counts import kept_steps, total_of
from cohorts.answers.meanings import codes_meant
from cohorts.answers.question_log import note_answer, note_question
from cohorts.answers.reading import Reading
from cohorts.criteria import dumped, parse_criteria
from cohorts.definitions.found import find_definition, newest
from cohorts.definitions.inlining import Used, used_of
from cohorts.execution import asking
from cohorts.execution.visible import may_ask
from cohorts.models import CohortRun, DefinitionKind
from core.access import Actor
from core.database import raw_connection
from core.errors import Invalid

PATIENTS_OF_A_PART: Final = 1_000


def run_saved(
    *,
    actor: Actor,
    key: UUID,
    now: date | None = None,
    project: str | None = None,
) -> CohortRun:
    """Answer a saved cohort as it is now; the run keeps which version that was.

    Raises
    ------
    Forbidden, NotFound, Invalid
        As `answer_cohort`; or the actor sees no such cohort.
    """
    saved = find_definition(actor=actor, key=key)
    version = newest(saved)
    if saved.kind != DefinitionKind.COHORT:
        message = f"{saved.name} is a set of concepts, which nobody asks."
        raise Invalid(message, path="id")
    return answer_cohort(
        actor=actor,
        partition=saved.partition.name,
        criteria=version.content,
        now=now,
        saved=used_of(saved, version),
        project=project,
    ).run


def answer_cohort(
    *,
    actor: Actor,
    partition: str,
    criteria: object,
    now: date | None = None,
    saved: Used | None = None,
    project: str | None = None,
) -> Reading:
    """Answer a question and keep who was found for ``PORTAL_COHORT_HOURS``; audited.

    Of whoever may count only nobody is kept.

    Parameters
    ----------
    criteria
        As JSON has them.
    now
        The day that counts as now; today if nothing is said.
    saved
        The saved cohort whose criteria these are, where they are one's.
    project
        The project that is asked within; who sees its patients without their names is
        told rows of these.

    Raises
    ------
    Forbidden, NotFound
        The actor may see no data, or nothing of the partition.
    Invalid
        The criteria break a rule; ``path`` names the member. Or the actor sees
        several projects, and names none.
    TooMany
        The actor may only count, and has asked as many questions today as it may.
    """
    query = parse_criteria(criteria)
    reached = may_ask(actor, partition, project)
    asked = asking.prepare(
        actor=actor, partition=partition, criteria=query, now=now, reached=reached
    )
    note = note_question(actor, asked)
    begun = time.monotonic()
    with transaction.atomic(durable=True):
        generation, sequence = table_state()
        counts = counts_of(asked)
        run = CohortRun.objects.create(
            partition_id=asked.partition_id,
            project_id=asked.within.project_id if asked.within else None,
            account_id=actor.account_id,
            actor=actor.name,
            criteria=dumped(query),
            meant=dumped(asked.query) if asked.used else None,
            used=[each._asdict() for each in (*filter(None, [saved]), *asked.used)],
            resolved={"concepts": codes_meant(asked)},
            day=asked.now,
            sequence=sequence,
            generation=generation,
            is_protected=asked.is_protected,
            number_of_patients=counts.total.value,
            number_possible=counts.possible.value,
            attrition=kept_steps(counts.attrition),
            took_ms=0,
            expires_at=timezone.now() + timedelta(hours=settings.COHORT_HOURS),
        )
        if asked.may_list:
            with asking.found(asked):
                number = _keep(run.pk)
            if not asked.is_protected:
                run.number_of_patients = number
        run.took_ms = round((time.monotonic() - begun) * 1000)
        run.save(update_fields=["took_ms", "number_of_patients"])
    note_answer(note, counts.total)
    record_question(actor, asked, total_of(run))
    kept = with_edges().get(pk=run.pk)
    return Reading(FoundRun(actor, kept, reached), asked)


def _keep(run: UUID) -> int:
    """Keep who was found; return how many."""
    execute = raw_connection().execute
    execute(_PARTS, (run, PATIENTS_OF_A_PART))
    row = execute("SELECT count(*) FROM cohort_patient").fetchone()
    return int(row[0]) if row else 0


_PARTS: Final = """
INSERT INTO cohorts_cohortrunpart
    (run_id, first, last, patients, leaves, matched, events)
SELECT %s, p.first, p.last, p.patients, coalesce(m.leaves, '{}'),
    coalesce(m.matched, '{}'), coalesce(m.events, '{}')
FROM (
    SELECT min(patient) AS first, max(patient) AS last,
        array_agg(patient ORDER BY patient) AS patients
    FROM (SELECT patient, (row_number() OVER (ORDER BY patient) - 1) / %s AS part
        FROM cohort_patient) numbered GROUP BY part) p
LEFT JOIN LATERAL (
    SELECT array_agg(leaf) AS leaves, array_agg(patient) AS matched,
        array_agg(event) AS events
    FROM (SELECT leaf, patient, event FROM cohort_match
        WHERE patient BETWEEN p.first AND p.last
        ORDER BY patient, leaf, event) found) m ON true
"""
