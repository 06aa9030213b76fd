"""Images brought into one transfer syntax as they are stored."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from django.conf import settings
from django.core.management import call_command
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from core import partitions
from core.errors import Invalid
from core.models import STORED_AS
from imaging.blobs import store as blob_store
from imaging.pixels import CODECS, NATIVE
from imaging.receive import Incoming, Received
from tests.actors import ALL_VERBS, acting
from tests.imaging.dicomweb.service import Service, file_of
from tests.imaging.pixels.reading import frames_of, same
from tests.synthetic import UNCOMPRESSED, encode, instance

JPEG_2000 = "1.2.840.10008.1.2.4.90"
RLE = "1.2.840.10008.1.2.5"
ELE = "1.2.840.10008.1.2.1"
ACTOR = acting(None, "ada", ALL_VERBS)
FORMS = [uid for uid, _name in STORED_AS if uid]


def received(content: bytes, stored_as: str) -> Received:
    incoming = Incoming(stored_as=stored_as)
    incoming.write(content)
    outcome = incoming.finish()
    assert isinstance(outcome, Received)
    outcome.durable.result()
    return outcome


def stored(outcome: Received) -> bytes:
    with blob_store().open(outcome.blob_key, outcome.size_bytes) as blob:
        return blob.read(0, blob.size)


def of_pydicom(name: str) -> bytes:
    return Path(str(get_testdata_file(name, read=False))).read_bytes()


def test_the_forms_of_a_partition_are_without_loss() -> None:
    for uid, name in STORED_AS[1:]:
        assert CODECS[uid].lossless
        assert CODECS[uid].name.startswith(name)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("given", UNCOMPRESSED)
def test_images_are_brought_into_the_form_of_the_partition(
    given: str, form: str
) -> None:
    content = file_of(instance(), given)
    outcome = received(content, form)
    assert outcome.transfer_syntax_uid == form
    made = stored(outcome)
    assert same(frames_of(made).decoded(), frames_of(content).decoded())
    assert pydicom.dcmread(BytesIO(made)).file_meta.TransferSyntaxUID == form
    assert bool(outcome.frames) is (form not in NATIVE)
    assert outcome.hints == ()
    blob_store().delete([outcome.blob_key])


def test_what_is_compressed_without_loss_is_brought_there_too() -> None:
    content = of_pydicom("MR_small_RLE.dcm")
    for form in (ELE, JPEG_2000):
        outcome = received(content, form)
        assert outcome.transfer_syntax_uid == form
        assert same(frames_of(stored(outcome)).decoded(), frames_of(content).decoded())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: encode(instance(PixelData=None)), id="no pixels"),
        pytest.param(lambda: of_pydicom("SC_rgb_jpeg_dcmtk.dcm"), id="with loss"),
        pytest.param(lambda: of_pydicom("MR_small_RLE.dcm"), id="so already"),
    ],
)
def test_what_need_not_be_brought_there_stays(content: object) -> None:
    assert callable(content)
    given = content()
    outcome = received(given, RLE)
    assert stored(outcome) == given
    assert outcome.hints == ()


def damaged() -> tuple[Dataset, bytes]:
    dataset = instance(PixelData=encapsulate([b"\xff\x4f\xff\x51nothing\xff\xd9"]))
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset, encode(dataset, JPEG_2000)


@pytest.mark.folder
def test_what_cannot_be_brought_there_stays_with_a_hint() -> None:
    before = number_of_blobs()
    _, content = damaged()
    outcome = received(content, RLE)
    assert stored(outcome) == content
    assert outcome.hints == (
        "An instance could not be brought into RLE Lossless: it is as it came.",
    )
    assert number_of_blobs() == before + 1


@pytest.mark.folder
def test_only_the_bytes_that_are_kept_are_left() -> None:
    before = number_of_blobs()
    outcome = received(encode(instance()), RLE)
    assert number_of_blobs() == before + 1
    outcome.discard()
    assert number_of_blobs() == before


def number_of_blobs() -> int:
    return sum(path.is_file() for path in Path(settings.BLOB_FOLDER).rglob("*"))


@pytest.mark.usefixtures("committing")
def test_a_partition_says_as_what_it_stores() -> None:
    service = Service()
    first, second = instance(), instance()
    service.store(first)
    partitions.change_partition(actor=ACTOR, name=service.name, stored_as=RLE)
    assert partitions.stored_as(service.name) == RLE
    assert partitions.known_stored_as(service.name) == RLE
    with pytest.raises(Invalid, match=JPEG_2000):
        partitions.change_partition(actor=ACTOR, name=service.name, stored_as="1.2.3")
    call_command("partition", "store-as", service.name)
    assert partitions.stored_as(service.name) == ""
    call_command("partition", "store-as", service.name, JPEG_2000)
    assert partitions.stored_as(service.name) == JPEG_2000
    assert second.SOPInstanceUID != first.SOPInstanceUID


def test_pixels_stay_the_same_through_a_store() -> None:
    values = np.arange(24, dtype="<u2")
    content = encode(instance(PixelData=values.tobytes()))
    made = stored(received(content, JPEG_2000))
    (picture,) = frames_of(made).decoded()
    assert picture.ravel().tolist() == values.tolist()
