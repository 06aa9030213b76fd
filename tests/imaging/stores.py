"""Instances made of a few attributes and stored without bytes, for tests."""

import random
import zlib
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import orjson

from core import access
from core.partitions import get_or_create_partition
from imaging.commit import Item, commit
from imaging.index import instance_index, patient_index
from imaging.models import PatientVariant, Series, Study
from imaging.receive import Received

ADMIN = access.system("test")
DURABLE: Future[None] = Future()
DURABLE.set_result(None)


def received(study: str, series: str, sop: str, **more: str) -> Received:
    """Return an instance as `imaging.receive` makes it, with a blob of its own."""
    values = {
        "00080016": ("UI", more.get("sop_class", "1.2.840.10008.5.1.4.1.1.2")),
        "00080018": ("UI", sop),
        "00080020": ("DA", more.get("date", "20200101")),
        "00080060": ("CS", more.get("modality", "CT")),
        "00100020": ("LO", more.get("patient_id", "P1")),
        "0020000D": ("UI", study),
        "0020000E": ("UI", series),
    }
    model: dict[str, Any] = {
        tag: {"vr": vr, "Value": [value]} if value else {"vr": vr}
        for tag, (vr, value) in values.items()
    }
    model["00100010"] = {"vr": "PN", "Value": [{"Alphabetic": more.get("name", "A")}]}
    return _received(f"{study}/{series}/{sop}", study, series, model)


def again(instance: Received) -> Received:
    """Return the same instance with a blob of its own."""
    model = orjson.loads(zlib.decompress(instance.metadata))
    study, series = instance.study_instance_uid, instance.series_instance_uid
    return _received("again", study, series, model)


def _received(prefix: str, study: str, series: str, model: dict[str, Any]) -> Received:
    return Received(
        blob_key=f"{prefix}/{random.getrandbits(64)}",
        durable=DURABLE,
        size_bytes=1,
        sha256=bytes(32),
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        study_instance_uid=study,
        series_instance_uid=series,
        instance=instance_index(model),
        patient=patient_index(model),
        metadata=zlib.compress(orjson.dumps(model)),
        layout=b"",
        frames=b"",
        warning=None,
        comments=(),
        hints=(),
    )


def received_model(model: dict[str, Any]) -> Received:
    """Return the instance of a whole DICOM JSON model, with a blob of its own."""
    study, series = (model[tag]["Value"][0] for tag in ("0020000D", "0020000E"))
    return _received(f"{study}/{series}", study, series, model)


def store(
    *instances: Received,
    replace: bool = False,
    partition: str = "default",
    expires_after: timedelta | None = None,
) -> None:
    """Make instances held, as if received in this order."""
    partition_id = get_or_create_partition(actor=ADMIN, name=partition)
    commit(
        [Item(ADMIN, partition_id, each, replace, expires_after) for each in instances]
    )


def state(study: str = "1", partition: str | None = None) -> list[tuple[Any, ...]]:
    """Return what a study, its series and spellings say, without keys and times."""
    own = {"id", "partition", "study", "created_at", "updated_at", "linked_patient"}
    own.add("newest_version_id")
    rows = []
    for model, owner in ((Study, ""), (Series, "study__"), (PatientVariant, "study__")):
        fields = [f.name for f in model._meta.concrete_fields if f.name not in own]
        held = model._base_manager.filter(**{f"{owner}study_instance_uid": study})
        if partition is not None:
            held = held.filter(**{f"{owner}partition__name": partition})
        rows += sorted(
            tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
            for row in held.values_list(*fields)
        )
    return rows
