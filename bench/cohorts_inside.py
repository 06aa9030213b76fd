"""What `bench.cohorts` measures with, in a process beside a portal.

Imports the records of some patients as any import does, waits until their events are
there, and then has every patient again and again, as somebody else: the same events
with other keys, on days that are moved a little. So a population of any size has the
shape of the one that was imported, without its hours. Prints JSON.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import bench.django_setup  # noqa: F401 what follows needs it
from bench.fhir_inside import followed, import_files
from core.database import raw_connection

_STEP: Final = 20  # copies that one statement makes


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, and print how much there is."""
    parser = argparse.ArgumentParser(prog="python -m bench.cohorts_inside")
    parser.add_argument("--files", type=Path, help="import these first")
    parser.add_argument("--patients", type=int, required=True)
    given = parser.parse_args(arguments)
    if given.files is not None:
        import_files(given.files)
        followed()
    _multiply(given.patients)
    counts = raw_connection().execute(
        "SELECT (SELECT count(*) FROM fhirlink_clinicalpatient),"
        " (SELECT count(*) FROM fhirlink_event)"
    )
    ((patients, events),) = counts
    sys.stdout.write(json.dumps({"patients": patients, "events": events}) + "\n")
    return 0


def _multiply(wanted: int) -> None:
    """Have at least so many patients, by whole copies of those that there are."""
    connection = raw_connection()
    ((held, last),) = connection.execute(
        "SELECT count(*), max(id) FROM fhirlink_clinicalpatient"
    )
    copies = max(-(-wanted // held) - 1, 0)
    for first in range(1, copies + 1, _STEP):
        values = {
            "first": first,
            "last": min(first + _STEP - 1, copies),
            "most": last,
        }
        with connection.transaction():
            for statement in (_PATIENTS, _EVENTS):
                connection.execute(statement, values)
        sys.stderr.write(f"{values['last']} of {copies} copies\n")
    connection.execute("ANALYZE fhirlink_clinicalpatient, fhirlink_event")


_PATIENTS: Final = """
INSERT INTO fhirlink_clinicalpatient (id, partition_id, birth_first, birth_last, gender,
  is_deceased, deceased_first, deceased_last)
SELECT p.id + copy * %(most)s, p.partition_id, p.birth_first, p.birth_last, p.gender,
  p.is_deceased, p.deceased_first, p.deceased_last
FROM fhirlink_clinicalpatient p
CROSS JOIN generate_series(%(first)s::integer, %(last)s::integer) copy
WHERE p.id <= %(most)s
"""
# All events of a copy move by the same days: what lies between them stays.
_EVENTS: Final = """
INSERT INTO fhirlink_event (partition_id, resource_id, encounter, low, high, patient,
  identity, code, category, value_code, site, unit_id, start_first, start_last, second,
  run_first, end_first, end_last, kind, part, is_counted, status, words)
SELECT e.partition_id, e.resource_id, e.encounter + copy, e.low, e.high,
  e.patient + copy * %(most)s, e.identity + copy * %(most)s, e.code, e.category,
  e.value_code, e.site, e.unit_id, e.start_first - moved, e.start_last - moved,
  e.second, e.run_first - moved,
  CASE WHEN e.end_first < '9999-01-01' THEN e.end_first - moved ELSE e.end_first END,
  CASE WHEN e.end_last < '9999-01-01' THEN e.end_last - moved ELSE e.end_last END,
  e.kind, e.part, e.is_counted, e.status, e.words
FROM fhirlink_event e
CROSS JOIN generate_series(%(first)s::integer, %(last)s::integer) copy
CROSS JOIN LATERAL (SELECT (copy * 37 + e.patient * 11) %% 365 AS moved) day
WHERE e.patient <= %(most)s
"""


if __name__ == "__main__":
    sys.exit(main())
