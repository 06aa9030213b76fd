"""Vectors of texts, against those that sentence-transformers makes.

``sentence_vectors.json`` was written once by sentence-transformers 6.2, torch 2.15, and
the model of the same package: 384 32-bit floats each.
"""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from cohorts.suggestions import installed
from cohorts.suggestions.tensors import Array, tensors_of

TRUTH = Path(__file__).with_name("sentence_vectors.json")


def known() -> dict[str, Array]:
    held = json.loads(TRUTH.read_text(encoding="utf-8"))
    return {
        text: np.frombuffer(base64.b64decode(vector), "<f4")
        for text, vector in held.items()
    }


def test_vectors_are_those_of_sentence_transformers() -> None:
    truth = known()
    assert len(truth) == 17
    found = installed.encoder().vectors(list(truth))
    assert found.dtype == np.float32
    assert np.abs(found - np.stack(list(truth.values()))).max() < 1e-5


def test_a_text_has_one_vector_whatever_stands_beside_it() -> None:
    texts = [f"fracture of bone {'and again ' * (at % 9)}{at}" for at in range(70)]
    together = installed.encoder().vectors(texts)
    for at in (0, 8, 69):
        (alone,) = installed.encoder().vectors([texts[at]])
        assert np.abs(alone - together[at]).max() < 1e-5
    assert installed.encoder().vectors([]).shape == (0, 384)


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("broken wrist", "fracture subluxation of wrist", 0.76),
        ("colon tumour", "primary malignant neoplasm of colon", 0.82),
        ("atrial fib", "atrial fibrillation", 0.76),
        ("prostate cancer", "prostatectomy", 0.80),
        ("prostate cancer", "neoplasm of prostate", 0.77),
        ("osteosarcoma", "osteoporosis", 0.57),
        ("hypertention", "hypertension", 0.28),
        ("flu shot", "bullet wound", 0.41),
    ],
)
def test_likeness_is_as_it_was_measured(one: str, other: str, likeness: float) -> None:
    first, second = installed.encoder().vectors([one, other])
    assert first @ second == pytest.approx(likeness, abs=0.006)


def test_what_is_no_file_of_tensors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(ValueError, match="no header"):
        tensors_of(path)
