import json
from collections.abc import Sequence
from itertools import islice

import pytest

from bench import answers
from bench.client import Response, WrongAnswer
from bench.corpus import Corpus, Instance
from bench.template import Kind


def instances(number: int) -> tuple[Instance, ...]:
    corpus = Corpus("answers")
    studies = corpus.studies(Kind.SMALL, instances_per_series=number)
    return next(islice(studies, 1)).instances


def multipart(parts: Sequence[bytes]) -> Response:
    body = bytearray()
    for part in parts:
        body += b"\r\n--B\r\nContent-Type: application/dicom\r\n\r\n" + part
    body += b"\r\n--B--\r\n"
    return Response(200, 'multipart/related; boundary="B"', body)


def listing(*uids: str) -> Response:
    items = [{answers.STUDY_UID: {"vr": "UI", "Value": [uid]}} for uid in uids]
    return Response(200, "application/dicom+json", bytearray(json.dumps(items), "utf8"))


def store_answer(taken: Sequence[str], failed: Sequence[str] = ()) -> Response:
    items = [{"00081155": {"vr": "UI", "Value": [uid]}} for uid in taken]
    faults = [{"00081155": {"vr": "UI", "Value": [uid]}} for uid in failed]
    nothing_failed = {"vr": "SQ"}  # Orthanc 1.10.1 always has the sequence
    answer = {
        "00081198": {"vr": "SQ", "Value": faults} if faults else nothing_failed,
        "00081199": {"vr": "SQ", "Value": items},
    }
    return Response(
        200, "application/dicom+json", bytearray(json.dumps(answer), "utf8")
    )


def test_files_may_come_in_any_order() -> None:
    first, second = instances(2)

    answers.files([first, second])(multipart([second.content, first.content]))


def test_a_changed_missing_doubled_or_cut_file_is_wrong() -> None:
    first, second = instances(2)
    check = answers.files([first, second])
    changed = first.content[:-1] + b"\xff"
    for parts in (
        [changed, second.content],
        [first.content],
        [first.content, first.content],
        [first.content, second.content[:-2]],
    ):
        with pytest.raises(WrongAnswer):
            check(multipart(parts))


def test_frames_come_in_the_order_asked_for() -> None:
    frames = [bytes([number]) * 64 for number in range(3)]
    check = answers.frames(frames)

    check(multipart(frames))
    with pytest.raises(WrongAnswer, match="frame 1 of the answer"):
        check(multipart(frames[::-1]))


def test_a_list_has_exactly_the_expected_objects() -> None:
    check = answers.lists(answers.STUDY_UID, ["1.2", "1.3"])

    check(listing("1.3", "1.2"))
    check(listing("1.3", "1.2"))
    for wrong in (listing("1.2"), listing("1.2", "1.4"), listing("1.2", "1.2")):
        with pytest.raises(WrongAnswer):
            check(wrong)


def test_a_page_is_any_of_the_expected_objects() -> None:
    check = answers.lists(answers.STUDY_UID, ["1.2", "1.3", "1.4"], number=2)

    check(listing("1.4", "1.2"))
    with pytest.raises(WrongAnswer, match="2 expected, 3 found"):
        check(listing("1.4", "1.2", "1.3"))


def test_a_thin_list_is_wrong() -> None:
    check = answers.lists(answers.STUDY_UID, ["1.2"], attributes=2)

    with pytest.raises(WrongAnswer, match="at least 2 attributes each, not 1"):
        check(listing("1.2"))


def test_a_store_takes_all_objects() -> None:
    check = answers.stored(["1.2", "1.3"])

    check(store_answer(["1.3", "1.2"]))
    for wrong in (store_answer(["1.2"]), store_answer(["1.2", "1.3"], ["1.3"])):
        with pytest.raises(WrongAnswer):
            check(wrong)


def test_another_status_is_wrong() -> None:
    with pytest.raises(WrongAnswer, match="HTTP 503: b'busy'"):
        answers.jpeg(Response(503, "text/plain", bytearray(b"busy")))
