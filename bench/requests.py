"""The DICOMweb requests of the rows, as bytes, each with the check of its answer."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bench import answers
from bench.client import Address
from bench.corpus import Corpus, Instance, Series, Study
from bench.load import Exchange, Workload
from bench.template import Kind

JSON: Final = "application/dicom+json"
FILES: Final = 'multipart/related; type="application/dicom"; transfer-syntax=*'
FRAMES: Final = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
JPEG_LS: Final = "1.2.840.10008.1.2.4.80"
JPEG_LS_FILES: Final = FILES.replace("*", JPEG_LS)
FEWEST_ATTRIBUTES: Final = 100  # of an instance's whole metadata
_BOUNDARY: Final = "portal-bench-boundary-7b0c1e55"
_STORE_TYPE: Final = (
    f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}'
)
_PART: Final = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
_END: Final = f"\r\n--{_BOUNDARY}--\r\n".encode()
_COPIED_BYTES: Final = 1 << 16  # up to here one joined body is cheaper to send
STUDY_OF_STORES: Final = 40  # instances a study, while a connection stores


def search(address: Address, path: str, check: answers.Check) -> Exchange:
    """Return a QIDO-RS or metadata request (DICOM PS3.18 10.6, 10.4)."""
    return Exchange([address.request("GET", path, {"Accept": JSON})], check)


def metadata(address: Address, study: Study, series: Series) -> Exchange:
    """Return a request for the metadata of a series (DICOM PS3.18 10.4.1.1.2)."""
    path = f"{_series(study, series)}/metadata"
    uids = [instance.sop_instance_uid for instance in series.instances]
    check = answers.lists(answers.INSTANCE_UID, uids, attributes=FEWEST_ATTRIBUTES)
    return search(address, path, check)


def whole_study(address: Address, study: Study) -> Exchange:
    """Return a request for all files of a study; it counts in MB."""
    path = f"/studies/{study.study_instance_uid}"
    request = address.request("GET", path, {"Accept": FILES})
    megabytes = sum(i.size_bytes for i in study.instances) / 1e6
    return Exchange([request], answers.files(study.instances), megabytes)


def instance(
    address: Address, study: Study, series: Series, wanted: Instance
) -> Exchange:
    """Return a request for one file."""
    path = _instance(study, series, wanted)
    request = address.request("GET", path, {"Accept": FILES})
    return Exchange([request], answers.files([wanted]))


def frames(
    address: Address,
    study: Study,
    series: Series,
    wanted: Instance,
    numbers: Sequence[int],
) -> Exchange:
    """Return a request for frames, counted from 1 (DICOM PS3.18 10.4.1.1.6)."""
    listed = ",".join(str(number) for number in numbers)
    path = f"{_instance(study, series, wanted)}/frames/{listed}"
    request = address.request("GET", path, {"Accept": FRAMES})
    expected = [wanted.frame(number) for number in numbers]
    return Exchange([request], answers.frames(expected))


def transcoded(
    address: Address, study: Study, series: Series, wanted: Instance
) -> Exchange:
    """Return a request for one file in JPEG-LS Lossless (DICOM PS3.18 8.7.3.5.2)."""
    path = _instance(study, series, wanted)
    request = address.request("GET", path, {"Accept": JPEG_LS_FILES})
    check = answers.transcoded(wanted.frame(1), JPEG_LS)
    return Exchange([request], check)


def rendered(
    address: Address, study: Study, series: Series, wanted: Instance
) -> Exchange:
    """Return a request for a JPEG of one instance (DICOM PS3.18 10.4.1.1.3)."""
    path = f"{_instance(study, series, wanted)}/rendered"
    request = address.request("GET", path, {"Accept": "image/jpeg"})
    return Exchange([request], answers.jpeg)


def store(address: Address, instances: Sequence[Instance], *, units: float) -> Exchange:
    """Return a STOW-RS request for these instances (DICOM PS3.18 10.5)."""
    body: list[bytes] = []
    for each in instances:
        body += (b"\r\n" + _PART if body else _PART, each.head, each.tail)
    body.append(_END)
    length = sum(map(len, body))
    headers = {"Content-Type": _STORE_TYPE, "Accept": JSON}
    head = address.request("POST", "/studies", headers, length)
    segments = [head, b"".join(body)] if length <= _COPIED_BYTES else [head, *body]
    check = answers.stored(each.sop_instance_uid for each in instances)
    return Exchange(segments, check, units)


def store_workload(
    address: Address, kind: Kind, *, per_request: int, in_megabytes: bool, seed: str
) -> Workload:
    """Return endless stores of new instances, and a look at the last one of each.

    The same `seed` gives the same objects, so it has to differ from turn to turn.
    """
    last: dict[int, Exchange] = {}

    def stream(connection: int) -> Iterator[Exchange]:
        per_study = 1 if kind is Kind.MULTI_FRAME else STUDY_OF_STORES
        corpus = Corpus(f"{seed} connection {connection}")
        for study in corpus.studies(kind, instances_per_series=per_study):
            (series,) = study.series
            for batch in _batches(series.instances, per_request):
                size = sum(each.size_bytes for each in batch) / 1e6
                units = size if in_megabytes else float(len(batch))
                last[connection] = instance(address, study, series, batch[-1])
                yield store(address, batch, units=units)

    return Workload(stream, lambda: tuple(last.values()))


def _batches(instances: Sequence[Instance], size: int) -> Iterable[Sequence[Instance]]:
    return (instances[at : at + size] for at in range(0, len(instances), size))


def _series(study: Study, series: Series) -> str:
    return f"/studies/{study.study_instance_uid}/series/{series.series_instance_uid}"


def _instance(study: Study, series: Series, wanted: Instance) -> str:
    return f"{_series(study, series)}/instances/{wanted.sop_instance_uid}"
