"""How much is read at once."""

from imaging.pace import (
    BATCH_BYTES,
    BUFFERED_BYTES,
    CHUNK_BYTES,
    PROMPT_S,
    WHOLE_BYTES,
    Pace,
)


def test_client_is_fast_only_beyond_what_buffers_may_take() -> None:
    pace = Pace()
    pace.adapt(BUFFERED_BYTES, PROMPT_S / 2)
    assert (pace.chunk_bytes, pace.batch_bytes) == (CHUNK_BYTES, BATCH_BYTES)
    pace.adapt(1, PROMPT_S / 2)
    assert (pace.chunk_bytes, pace.batch_bytes) == (WHOLE_BYTES, WHOLE_BYTES)


def test_client_that_slows_down_gets_little_again_until_it_has_shown_itself() -> None:
    pace = Pace()
    pace.adapt(2 * BUFFERED_BYTES, PROMPT_S / 2)
    pace.adapt(1, PROMPT_S * 2)
    assert (pace.chunk_bytes, pace.batch_bytes) == (CHUNK_BYTES, BATCH_BYTES)
    pace.adapt(1, PROMPT_S / 2)
    assert pace.chunk_bytes == CHUNK_BYTES


def test_only_what_is_known_to_be_short_comes_in_one_turn() -> None:
    assert Pace(WHOLE_BYTES).batch_bytes == WHOLE_BYTES
    assert Pace(WHOLE_BYTES + 1).batch_bytes == BATCH_BYTES
    assert Pace(None).chunk_bytes == CHUNK_BYTES
