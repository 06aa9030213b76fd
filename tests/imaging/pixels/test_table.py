"""The table of codecs is what is documented, and what is done."""

from pathlib import Path

import numpy as np
import pytest

from imaging.errors import CannotTranscode
from imaging.pixels import (
    CODECS,
    ENCODED,
    ImageDescription,
    after_decoding,
    after_encoding,
    decode,
    encode,
)

CONFORMANCE = Path(__file__).parents[3] / "docs" / "conformance.md"
GREY = ImageDescription(40, 50, 1, 8, 8, 7, False, "MONOCHROME2")


def test_the_documented_table_is_the_one_in_code() -> None:
    text = CONFORMANCE.read_text()
    begin = text.index("| transfer syntax | UID | decode | encode |")
    rows = text[begin:].split("\n\n")[0].splitlines()[2:]
    expected = []
    for codec in CODECS.values():
        made = "—" if not codec.encodes else "exact" if codec.lossless else "lossy"
        cells = (codec.name, codec.uid, "yes", made, codec.library, codec.licence)
        expected.append(f"| {' | '.join(cells)} |")
    assert rows == expected


@pytest.mark.parametrize("syntax", sorted(ENCODED))
def test_what_is_encoded_is_decoded_again(syntax: str) -> None:
    samples = (np.arange(2000).reshape(40, 50) // 8).astype(np.uint8)
    made = encode(samples, syntax, GREY)
    back, meaning = decode(made, syntax, after_encoding(syntax, GREY))
    assert meaning == "MONOCHROME2"
    allowed = 0 if CODECS[syntax].lossless else 8
    assert np.abs(back.astype(int) - samples.astype(int)).max() <= allowed


@pytest.mark.parametrize("syntax", sorted(set(CODECS) - ENCODED))
def test_what_is_not_encoded_is_refused(syntax: str) -> None:
    with pytest.raises(CannotTranscode, match="not encoded here"):
        encode(np.zeros((40, 50), np.uint8), syntax, GREY)


def test_a_syntax_without_codec_is_refused() -> None:
    with pytest.raises(CannotTranscode, match="no codec"):
        after_decoding("1.2.840.10008.1.2.4.102", GREY)
