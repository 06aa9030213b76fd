"""``python -m bench.fill``: a population into a portal, beside its running server.

Rows are written by `imaging.commit` itself, so that they are what stores would have
left: versions, instances, series, studies, patients, feed and audit log. Only the bytes
are missing, and what an instance says of itself is stamped instead of read. What is
there already is passed over: a fill that was ended goes on where it was.
"""

import argparse
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain, islice
from typing import Final

import orjson

import bench.django_setup  # noqa: F401 what follows needs it
from bench.corpus import SOP_CLASSES
from bench.population import Population, Study
from bench.stamp import Cut
from bench.template import Kind, template_bytes
from core import access, follower_status
from core.database import raw_connection
from core.partitions import get_or_create_partition
from imaging.commit import Item, commit
from imaging.index import PatientIndex, patient_index
from imaging.receive import Incoming, Received
from imaging.store_status import Refused

STUDIES_A_COMMIT: Final = 25
_TOLD_EVERY_S: Final = 10
_LOOK_EVERY_S: Final = 0.5
ACTOR: Final = access.system("bench")


class Press:
    """Makes instances as `imaging.receive` would make them from files."""

    def __init__(self) -> None:
        incoming = Incoming()
        incoming.write(template_bytes(Kind.SMALL))
        received = incoming.finish()
        assert isinstance(received, Received), received
        received.durable.result()
        received.discard()
        self._template: Final = received
        self._metadata = Cut(zlib.decompress(received.metadata))
        self._summary = Cut(received.instance.summary)

    def instances(self, study: Study) -> Iterator[Received]:
        """Yield the instances of a study, in the order of their numbers."""
        values = values_of(study)
        patient: PatientIndex | None = None
        for number, uid in enumerate(study.instance_uids(), 1):
            values["sop_instance_uid"] = uid.encode()
            values["instance_number"] = str(number).encode()
            metadata = self._metadata.filled(values)
            patient = patient or patient_index(orjson.loads(metadata))
            yield self._received(study, uid, number, values, metadata, patient)

    def _received(
        self,
        study: Study,
        uid: str,
        number: int,
        values: dict[str, bytes],
        metadata: bytes,
        patient: PatientIndex,
    ) -> Received:
        instance = replace(
            self._template.instance,
            sop_instance_uid=uid,
            sop_class_uid=values["sop_class_uid"].decode(),
            instance_number=number,
            summary=self._summary.filled(values),
        )
        return replace(
            self._template,
            blob_key=f"bench/{uid}.dcm",
            sha256=sha256(metadata).digest(),
            study_instance_uid=study.study_instance_uid,
            series_instance_uid=study.series_instance_uid,
            instance=instance,
            patient=patient,
            metadata=zlib.compress(metadata, 1),
        )


def values_of(study: Study) -> dict[str, bytes]:
    """Return what stands in place of the placeholders, but for the instance's own."""
    return {
        "sop_class_uid": SOP_CLASSES[study.modality],
        "study_instance_uid": study.study_instance_uid.encode(),
        "series_instance_uid": study.series_instance_uid.encode(),
        "patient_id": study.patient_id.encode(),
        "patient_name": study.patient_name.encode(),
        "study_date": study.study_date.encode(),
        "accession_number": study.accession_number.encode(),
        "modality": study.modality.encode(),
    }


def fill(population: Population, *, share: int = 0, shares: int = 1) -> int:
    """Make the population held; return how many instances were added.

    Parameters
    ----------
    share, shares
        This process takes every `shares`-th commit; the others are for others.
    """
    press = Press()
    held = _held_studies()
    studies = chain(population.metadata_studies(), population.studies())
    added = 0
    told = time.monotonic()
    for number, batch in enumerate(_batches(studies, STUDIES_A_COMMIT)):
        if number % shares == share:
            missing = [one for one in batch if one.study_instance_uid not in held]
            added += _commit(press, missing)
        if time.monotonic() - told > _TOLD_EVERY_S:
            told = time.monotonic()
            print(f"  {added:,} instances", file=sys.stderr, flush=True)
    return added


def settle() -> None:
    """Wait for the feed's followers; do what the database would do within minutes."""
    while follower_status.behind():
        time.sleep(_LOOK_EVERY_S)
    raw_connection().execute("VACUUM (ANALYZE)")


def _commit(press: Press, studies: Sequence[Study]) -> int:
    items = []
    for study in studies:
        key = get_or_create_partition(actor=ACTOR, name=study.partition)
        items += [
            Item(ACTOR, key, received, replace=False)
            for received in press.instances(study)
        ]
    refused = [one for one in commit(items) if isinstance(one, Refused)]
    if refused:
        raise RuntimeError(refused[0].comments)
    return len(items)


def _held_studies() -> set[str]:
    rows = raw_connection().execute("SELECT study_instance_uid FROM imaging_study")
    return {uid for (uid,) in rows}


def _batches(studies: Iterator[Study], size: int) -> Iterator[list[Study]]:
    while batch := list(islice(studies, size)):
        yield batch


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill the portal that ``PORTAL_DATA`` names, or settle it."""
    parser = argparse.ArgumentParser(prog="python -m bench.fill", description=__doc__)
    add = parser.add_argument
    add("studies", type=int)
    add("--partitions", type=int, default=1, help="that the studies are spread over")
    add("--share", type=int, default=0, help="of which process this is")
    add("--shares", type=int, default=1, help="how many processes fill together")
    add("--settle", action="store_true", help="at the end, when all have filled")
    given = parser.parse_args(arguments)
    if given.settle:
        settle()
    else:
        population = Population(given.studies, given.partitions)
        fill(population, share=given.share, shares=given.shares)
    return 0


if __name__ == "__main__":
    sys.exit(main())
