"""The rows of the benchmark as data, with the ratio that each has to reach."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from typing import Final

from bench import answers, requests
from bench.client import Address
from bench.load import Exchange, Workload
from bench.scene import Scene
from bench.template import Kind

DISTINCT: Final = 40  # requests that a reading row goes round in
READERS: Final = 4  # connections of a reading row
PAGE: Final = 100
FRAMES: Final = 200
MakeWorkload = Callable[[Scene, Address, str], Workload]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: how it is made, over how many connections, and its target.

    `target` is the portal's rate over Orthanc's; `quiet` is the rate that Orthanc
    once reached on a quiet machine, for orientation only. `make` takes the scene, the
    server's address and a seed that is new in each turn.
    """

    name: str
    unit: str
    connections: int
    target: float
    quiet: float
    make: MakeWorkload
    writes: bool = False


def _store(kind: Kind, per_request: int, *, in_megabytes: bool = False) -> MakeWorkload:
    def make(_scene: Scene, address: Address, seed: str) -> Workload:
        return requests.store_workload(
            address,
            kind,
            per_request=per_request,
            in_megabytes=in_megabytes,
            seed=seed,
        )

    return make


def _round(
    exchanges: Callable[[Scene, Address], Iterable[Exchange]],
) -> MakeWorkload:
    """Return a workload that repeats up to `DISTINCT` exchanges."""

    def make(scene: Scene, address: Address, _seed: str) -> Workload:
        made = tuple(islice(exchanges(scene, address), DISTINCT))
        return Workload(lambda connection: cycle(made[connection:] + made[:connection]))

    return make


def _by_patient(scene: Scene, address: Address) -> Iterator[Exchange]:
    for patient_id, uids in scene.by_patient().items():
        check = answers.lists(answers.STUDY_UID, uids)
        yield requests.search(address, f"/studies?PatientID={patient_id}", check)


def _by_date_and_modality(scene: Scene, address: Address) -> Iterator[Exchange]:
    for date, uids in scene.by_date("CT").items():
        query = f"/studies?StudyDate={date}&ModalitiesInStudy=CT"
        yield requests.search(address, query, answers.lists(answers.STUDY_UID, uids))


def _by_name(scene: Scene, address: Address) -> Iterator[Exchange]:
    for family, uids in scene.by_family().items():
        if family.isascii():  # Orthanc 1.10.1 finds nothing for PatientName=Müll*
            check = answers.lists(answers.STUDY_UID, uids)
            yield requests.search(address, f"/studies?PatientName={family}*", check)


def _page_of_everything(scene: Scene, address: Address) -> Iterator[Exchange]:
    uids = [study.study_instance_uid for study in scene.studies]
    number = min(PAGE, len(uids))
    check = answers.lists(answers.STUDY_UID, uids, number=number)
    query = f"/studies?limit={PAGE}&includefield=all"
    yield requests.search(address, query, check)


def _series_of_study(scene: Scene, address: Address) -> Iterator[Exchange]:
    for study in scene.small:
        uids = [series.series_instance_uid for series in study.series]
        path = f"/studies/{study.study_instance_uid}/series"
        yield requests.search(address, path, answers.lists(answers.SERIES_UID, uids))


def _instances_of_study(scene: Scene, address: Address) -> Iterator[Exchange]:
    for study in scene.small:
        uids = [instance.sop_instance_uid for instance in study.instances]
        check = answers.lists(answers.INSTANCE_UID, uids)
        path = f"/studies/{study.study_instance_uid}/instances?includefield=all"
        yield requests.search(address, path, check)


def _ct_study(scene: Scene, address: Address) -> Iterator[Exchange]:
    yield requests.whole_study(address, scene.ct)


def _ct_instances(scene: Scene, address: Address) -> Iterator[Exchange]:
    for series in scene.ct.series:
        for each in series.instances:
            yield requests.instance(address, scene.ct, series, each)


def _small_instances(scene: Scene, address: Address) -> Iterator[Exchange]:
    for study in scene.small:
        for series in study.series:
            yield requests.instance(address, study, series, series.instances[0])


def _metadata(scene: Scene, address: Address) -> Iterator[Exchange]:
    for study in scene.small:
        for series in study.series:
            yield requests.metadata(address, study, series)


def _ct_frames(scene: Scene, address: Address) -> Iterator[Exchange]:
    for series in scene.ct.series:
        for each in series.instances:
            yield requests.frames(address, scene.ct, series, each, [1])


def _some_of_many_frames(
    scene: Scene, address: Address, *, number: int
) -> Iterator[Exchange]:
    """Yield requests for `number` frames that lie evenly apart in the object."""
    (series,) = scene.multi_frame.series
    (each,) = series.instances
    apart = FRAMES // number
    for first in range(1, apart + 1, max(1, apart // DISTINCT)):
        numbers = range(first, FRAMES + 1, apart)
        yield requests.frames(address, scene.multi_frame, series, each, numbers)


def _rendered(scene: Scene, address: Address) -> Iterator[Exchange]:
    for series in scene.ct.series:
        for each in series.instances:
            yield requests.rendered(address, scene.ct, series, each)


def _transcoded(scene: Scene, address: Address) -> Iterator[Exchange]:
    for series in scene.ct.series:
        for each in series.instances:
            yield requests.transcoded(address, scene.ct, series, each)


_ONE_FRAME: Final = partial(_some_of_many_frames, number=1)
_TEN_FRAMES: Final = partial(_some_of_many_frames, number=10)
_MF_STORE: Final = _store(Kind.MULTI_FRAME, 1, in_megabytes=True)

ROWS: Final = (
    Row("STOW ct c1 m1", "obj/s", 1, 1.2, 103, _store(Kind.CT, 1), writes=True),
    Row("STOW ct c4 m10", "obj/s", 4, 3, 209, _store(Kind.CT, 10), writes=True),
    Row("STOW small c1 m1", "obj/s", 1, 1.0, 200, _store(Kind.SMALL, 1), writes=True),
    Row("STOW small c4 m10", "obj/s", 4, 4, 381, _store(Kind.SMALL, 10), writes=True),
    Row("STOW mf", "MB/s", 1, 2.5, 81, _MF_STORE, writes=True),
    Row("QIDO studies PatientID", "req/s", READERS, 20, 173, _round(_by_patient)),
    Row(
        "QIDO studies date+modality",
        "req/s",
        READERS,
        20,
        216,
        _round(_by_date_and_modality),
    ),
    Row("QIDO studies name*", "req/s", READERS, 20, 42, _round(_by_name)),
    Row(
        "QIDO studies 100 all fields",
        "req/s",
        READERS,
        200,
        4.6,
        _round(_page_of_everything),
    ),
    Row("QIDO series of study", "req/s", READERS, 20, 187, _round(_series_of_study)),
    Row(
        "QIDO instances all fields",
        "req/s",
        READERS,
        20,
        25,
        _round(_instances_of_study),
    ),
    Row("WADO study ct", "MB/s", 1, 1.4, 400, _round(_ct_study)),
    Row("WADO instance ct", "req/s", READERS, 6, 355, _round(_ct_instances)),
    Row("WADO instance small", "req/s", READERS, 15, 355, _round(_small_instances)),
    Row("WADO series metadata (40)", "req/s", READERS, 25, 18.5, _round(_metadata)),
    Row("WADO frame ct", "req/s", READERS, 5, 228, _round(_ct_frames)),
    Row("WADO frame 1 of 200", "req/s", READERS, 120, 6.2, _round(_ONE_FRAME)),
    Row("WADO frames 10 of 200", "req/s", READERS, 15, 6.9, _round(_TEN_FRAMES)),
    # performance.md names no figure for it: not slower will do.
    Row("WADO instance ct as JPEG-LS", "req/s", READERS, 1, 78, _round(_transcoded)),
    Row("WADO rendered JPEG", "req/s", READERS, 4, 158, _round(_rendered)),
)
