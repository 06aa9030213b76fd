"""Writes records as newline-delimited JSON, a file for each type of resource.

References
----------
FHIR Bulk Data Access (NDJSON output).
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import orjson

from portal.demo.record.chart import Resource


def write_ndjson(resources: Iterable[Resource], folder: Path) -> Counter[str]:
    """Write resources as they come, one a line, and return how many of each type.

    Nothing is held but the open files. Files of the same names are replaced.
    """
    counts: Counter[str] = Counter()
    files: dict[str, BinaryIO] = {}
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for resource in resources:
            kind = resource["resourceType"]
            if kind not in files:
                file = (folder / f"{kind}.ndjson").open("wb")
                files[kind] = stack.enter_context(file)
            files[kind].write(orjson.dumps(resource, option=orjson.OPT_APPEND_NEWLINE))
            counts[kind] += 1
    return counts
