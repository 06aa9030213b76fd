"""Thumbnails in a whole portal: drawn by its worker, given by its web server."""

import time
from io import BytesIO
from typing import Final

import httpx
import numpy as np
import psycopg
from PIL import Image

from tests.imaging.rendering.oracle import grey
from tests.stack import PATIENCE_S, Stack
from tests.synthetic import encode, instance, multipart, new_uid

SQL: Final = (
    "SELECT series_instance_uid, picture FROM imaging_thumbnail"
    " WHERE study_instance_uid = %s AND picture IS NOT NULL"
)


def drawn(stack: Stack, study: str, number: int) -> dict[str, bytes]:
    """Return the pictures of a study's series, once so many were drawn."""
    deadline = time.monotonic() + PATIENCE_S
    with psycopg.connect(stack.places.database_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            rows = connection.execute(SQL, (study,)).fetchall()
            if len(rows) == number:
                return {series: bytes(picture) for series, picture in rows}
            time.sleep(0.1)
    raise AssertionError(rows)


def test_a_worker_draws_what_was_stored_and_everybody_gets_that(stack: Stack) -> None:
    study, series = new_uid(), new_uid()
    scan = [
        grey(
            np.full((20, 40), 60 * place, np.uint8),
            StudyInstanceUID=study,
            SeriesInstanceUID=series,
            InstanceNumber=place,
        )
        for place in range(4)
    ]
    report = instance(StudyInstanceUID=study, PixelData=None, Modality="SR")
    body, headers = multipart(*map(encode, [*scan, report]))
    base = f"{stack.base_url}/dicomweb/studies"
    with httpx.Client(timeout=PATIENCE_S) as web:
        web.headers["authorization"] = f"Bearer {stack.token}"
        assert web.post(base, content=body, headers=headers).status_code == 200
        kept = drawn(stack, study, 2)
        assert kept.pop(report.SeriesInstanceUID) == b""
        for path in (f"{study}/series/{series}/thumbnail", f"{study}/thumbnail"):
            answer = web.get(f"{base}/{path}")
            assert answer.headers["content-type"] == "image/jpeg"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.content == kept[series]
        levels = np.asarray(Image.open(BytesIO(kept[series])))
        assert int(np.median(levels)) == 120
        full = web.get(f"{base}/{study}/rendered", headers={"accept": "image/png"})
        assert Image.open(BytesIO(full.content)).size == (40, 20)
        packed = web.get(f"{base}/{study}", params={"accept": "application/zip"})
        assert packed.headers["content-type"] == "application/zip"
