"""What both servers hold before the first row: the same studies, stored by STOW-RS."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bench import requests
from bench.client import Address
from bench.corpus import Corpus, Study
from bench.load import Exchange, Workload, run_load
from bench.template import Kind

SEED: Final = "scene"
INSTANCES_PER_STUDY: Final = 40
CT_SERIES: Final = 2
_BATCH: Final = 10
_CONNECTIONS: Final = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """The stored studies: many small ones, one CT of 80 slices, one multi-frame."""

    small: tuple[Study, ...]
    ct: Study
    multi_frame: Study

    @property
    def studies(self) -> tuple[Study, ...]:
        """Return all studies."""
        return (*self.small, self.ct, self.multi_frame)

    def by_patient(self) -> dict[str, list[str]]:
        """Return each patient's studies, by Patient ID."""
        return _grouped((study.patient_id, study) for study in self.studies)

    def by_date(self, modality: str) -> dict[str, list[str]]:
        """Return the studies of `modality` of each date."""
        found = (study for study in self.studies if study.modality == modality)
        return _grouped((study.study_date, study) for study in found)

    def by_family(self) -> dict[str, list[str]]:
        """Return the studies of each family name."""
        return _grouped(
            (study.patient_name.partition("^")[0], study) for study in self.studies
        )


def make_scene(number_of_studies: int) -> Scene:
    """Return the scene with so many small studies; the same in every run."""
    corpus = Corpus(SEED)
    small = corpus.studies(Kind.SMALL, instances_per_series=INSTANCES_PER_STUDY)
    ct = corpus.studies(
        Kind.CT, number_of_series=CT_SERIES, instances_per_series=INSTANCES_PER_STUDY
    )
    multi_frame = corpus.studies(Kind.MULTI_FRAME, instances_per_series=1)
    return Scene(tuple(islice(small, number_of_studies)), next(ct), next(multi_frame))


def fill(address: Address, scene: Scene) -> None:
    """Store the scene, ten objects a request over four connections."""

    def stream(connection: int) -> Iterator[Exchange]:
        for study in scene.studies[connection::_CONNECTIONS]:
            for at in range(0, len(study.instances), _BATCH):
                batch = study.instances[at : at + _BATCH]
                yield requests.store(address, batch, units=len(batch))

    everything = Workload(stream)
    run_load(address, everything, connections=_CONNECTIONS, seconds=float("inf"))


def _grouped(pairs: Iterable[tuple[str, Study]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for key, study in pairs:
        groups[key].append(study.study_instance_uid)
    return dict(groups)
