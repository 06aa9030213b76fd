"""How much is read at once."""

from imaging.pace import BATCH_BYTES, CHUNK_BYTES, PROMPT_S, WHOLE_BYTES, Pace


def test_fast_client_gets_more_at_once_up_to_a_limit() -> None:
    pace = Pace()
    for _ in range(10):
        pace.adapt(PROMPT_S / 2)
    assert (pace.chunk_bytes, pace.batch_bytes) == (WHOLE_BYTES, WHOLE_BYTES)


def test_client_that_slows_down_gets_little_again() -> None:
    pace = Pace()
    pace.adapt(PROMPT_S / 2)
    pace.adapt(PROMPT_S * 2)
    assert (pace.chunk_bytes, pace.batch_bytes) == (CHUNK_BYTES, BATCH_BYTES)


def test_only_what_is_known_to_be_short_comes_in_one_turn() -> None:
    assert Pace(WHOLE_BYTES).batch_bytes == WHOLE_BYTES
    assert Pace(WHOLE_BYTES + 1).batch_bytes == BATCH_BYTES
    assert Pace(None).chunk_bytes == CHUNK_BYTES
