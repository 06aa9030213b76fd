"""Receiving one instance: bytes become a blob and all that its row needs.

The bytes go to the blob as they come, hashed on the way; then the header is read once
(`imaging.part10`) and everything that later reads need is made: metadata, the places
of bulk values and frames, index columns. Nothing of this is seen by anyone until
`imaging.store` commits a row that names the blob.
"""

import zlib
from concurrent.futures import Future
from dataclasses import dataclass
from mmap import mmap
from typing import Final

import orjson

from imaging import part10
from imaging.blobs import store as blob_store
from imaging.index import (
    InstanceIndex,
    Model,
    PatientIndex,
    instance_index,
    patient_index,
    text,
)
from imaging.ingest import STAYS_HINT, Blob, brought, is_brought
from imaging.layout import BulkValue, Layout, Pixels
from imaging.pixels import CODECS
from imaging.store_rules import (
    STANDARD,
    StoreRules,
    comment_of,
    refusal_of,
    removed_from_metadata,
    unreadable,
    warning_of,
)
from imaging.store_status import Refused, WarningReason

PREAMBLE_BYTES: Final = 128
EXECUTABLE_HINT: Final = (
    "The preamble of an instance began like an executable file; it was zeroed."
)
_EXECUTABLES: Final = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xfe\xed\xfa",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
)


@dataclass(frozen=True, slots=True)
class Received:
    """An instance whose bytes are written and whose row is ready to be.

    Attributes
    ----------
    durable
        Done once the bytes are on the disk: only then may its row be committed.
    """

    blob_key: str
    durable: Future[None]
    size_bytes: int
    sha256: bytes
    transfer_syntax_uid: str
    study_instance_uid: str
    series_instance_uid: str
    instance: InstanceIndex
    patient: PatientIndex
    metadata: bytes
    layout: bytes
    frames: bytes
    warning: WarningReason | None
    comments: tuple[str, ...]
    hints: tuple[str, ...]

    def discard(self) -> None:
        """Remove the bytes of an instance that no commit was asked for."""
        blob_store().discard(self.blob_key)


class Incoming:
    """An instance that is being received.

    Not for use by several threads at once. `finish` or `discard` ends it.

    Parameters
    ----------
    study_instance_uid
        The study that the address names; instances of another are refused.
    rules
        What else is refused, and what is warned of.
    stored_as
        A transfer syntax without loss into which images are brought; empty: as they
        come. One that cannot be brought there stays as it came, with a hint.
    """

    def __init__(
        self,
        study_instance_uid: str | None = None,
        rules: StoreRules = STANDARD,
        stored_as: str = "",
    ) -> None:
        self._study_instance_uid = study_instance_uid
        self._stored_as = stored_as
        self._rules = rules
        self._blob = Blob()
        self._head = b""
        self._hints: list[str] = []

    def write(self, data: bytes | bytearray) -> None:
        """Take the next bytes of the instance."""
        if self._blob.size_bytes == 0:
            data = self._head + data
            if len(data) < PREAMBLE_BYTES + 4:
                self._head = bytes(data)
                return
            data = self._without_executable(data)
            self._head = b""
        self._blob.append(data)

    def finish(self) -> Received | Refused:
        """Begin to make the bytes durable, and read the header meanwhile.

        Returns
        -------
        Received or Refused
            Refused, and nothing kept, where the bytes are no instance that can be
            stored.

        Raises
        ------
        OSError
            The disk is full or cannot be written.
        """
        if self._head:
            self._blob.append(self._head)
        try:
            outcome = self._read_header()
        except BaseException:
            self.discard()
            raise
        if isinstance(outcome, Refused):
            self.discard()
        self._blob.writer.close()
        return outcome

    def discard(self) -> None:
        """Remove the bytes."""
        self._blob.writer.discard()

    def _without_executable(self, data: bytes | bytearray) -> bytes | bytearray:
        """Zero a preamble that a computer would run (DICOM PS3.10 7.1, note 3)."""
        is_part10 = data[PREAMBLE_BYTES : PREAMBLE_BYTES + 4] == b"DICM"
        if not is_part10 or not data.startswith(_EXECUTABLES):
            return data
        self._hints.append(EXECUTABLE_HINT)
        return bytes(PREAMBLE_BYTES) + data[PREAMBLE_BYTES:]

    def _read_header(self) -> Received | Refused:
        if not self._blob.size_bytes:
            return unreadable("The part is empty.", self._rules)
        # The disk works meanwhile, but for bytes that may give way to others.
        durable = None if self._stored_as else self._blob.writer.finish()
        with self._blob.writer.map() as content:
            try:
                parsed = part10.parse(content)
            except part10.Part10Error as error:
                return unreadable(error, self._rules)
            refused = refusal_of(parsed, self._study_instance_uid, self._rules)
            if refused:
                return refused
            warning, comments = warning_of(parsed, self._rules)
            if is_brought(parsed, self._stored_as):
                parsed = self._brought(content, parsed)
        durable = durable or self._blob.writer.finish()
        return self._received(parsed, durable, warning, comments)

    def _brought(
        self, content: mmap, parsed: part10.ParsedInstance
    ) -> part10.ParsedInstance:
        """Have the bytes give way to those of another transfer syntax."""
        blob = brought(content, parsed, self._stored_as)
        if blob is None:
            name = CODECS[self._stored_as].name
            self._hints.append(STAYS_HINT.format(name=name))
            return parsed
        self._blob.writer.discard()
        self._blob = blob
        with blob.writer.map() as made:
            return part10.parse(made)

    def _received(
        self,
        parsed: part10.ParsedInstance,
        durable: Future[None],
        warning: WarningReason | None,
        comments: tuple[str, ...],
    ) -> Received:
        model: Model = parsed.model
        frames = parsed.pixels.frames if parsed.pixels else b""
        part10.prune(parsed.model, removed_from_metadata(parsed, self._rules))
        return Received(
            blob_key=self._blob.writer.key,
            durable=durable,
            size_bytes=self._blob.size_bytes,
            sha256=self._blob.sha256.digest(),
            transfer_syntax_uid=parsed.transfer_syntax_uid,
            study_instance_uid=text(model, "StudyInstanceUID"),
            series_instance_uid=text(model, "SeriesInstanceUID"),
            instance=instance_index(model),
            patient=patient_index(model),
            metadata=zlib.compress(orjson.dumps(model), 1),
            layout=_layout(parsed).dump(),
            frames=frames,
            warning=warning,
            comments=comments,
            hints=(*self._hints, *map(_hint, parsed.warnings)),
        )


def load_model(metadata: bytes) -> Model:
    """Return the DICOM JSON model from ``InstanceVersion.metadata``."""
    model: Model = orjson.loads(zlib.decompress(metadata))
    return model


def _hint(warning: part10.AttributeIssue) -> str:
    return comment_of(warning.path, warning.reason)


def _layout(parsed: part10.ParsedInstance) -> Layout:
    pixels = parsed.pixels
    return Layout(
        parsed.data_set_offset,
        Pixels(
            pixels.tag,
            pixels.offset,
            pixels.length,
            pixels.encapsulated,
            pixels.number_of_frames,
            pixels.bits_per_frame,
        )
        if pixels
        else None,
        {
            bulk.path: BulkValue(bulk.vr, bulk.offset, bulk.length)
            for bulk in parsed.bulk
        },
    )
