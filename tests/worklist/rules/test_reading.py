"""The structure of DICOM JSON from outside (PS3.18 annex F), well-formed or not."""

from typing import Any

import pytest

from worklist.rules.findings import MOST_FINDINGS, Rule
from worklist.rules.reading import (
    DEEPEST,
    MOST_CHARACTERS,
    MOST_VALUES,
    _key,
    read,
)

LABEL = {"vr": "LO", "Value": ["a"]}


def told(model: object) -> list[tuple[str, Rule]]:
    return [(each.path, each.rule) for each in read(model).findings]


@pytest.mark.parametrize("model", [None, [], [{}], "x", 5, b"{}", True])
def test_no_data_set(model: object) -> None:
    reading = read(model)
    assert reading.dataset == {}
    assert [each.rule for each in reading.findings] == [Rule.SYNTAX]


def test_keys_are_tags_in_order_and_capitals() -> None:
    reading = read({"0074120a": LABEL, "00741204": LABEL, "0040a168": {"vr": "SQ"}})
    assert reading.findings == ()
    assert list(reading.dataset) == ["0040A168", "00741204", "0074120A"]


@pytest.mark.parametrize(
    "key",
    ["PatientName", "0010001", "001000100", "0010,0010", "(0010,0010)", "", "0010001G",
     "００100010", "\ud800" * 8, 1, None, 1.5, ("a",)],  # noqa: RUF001
)  # fmt: skip
def test_keys_that_are_no_tags(key: Any) -> None:
    assert told({key: LABEL}) == [("", Rule.SYNTAX)]


@pytest.mark.parametrize("key", ["00020010", "00001000", "FFFEE000", "FFFFFFFF"])
def test_tags_that_are_of_no_data_set(key: str) -> None:
    assert told({key: {"vr": "UI"}}) == [(key, Rule.NOT_ALLOWED)]


def test_group_lengths_are_passed_over() -> None:
    assert read({"00080000": {"vr": "UL", "Value": [12]}}) == ({}, ())


def test_the_same_attribute_twice() -> None:
    model = {"0074100A": {"vr": "UR", "Value": ["a:b"]}, "0074100a": {"vr": "UR"}}
    assert told(model) == [("0074100A", Rule.SYNTAX)]


@pytest.mark.parametrize(
    ("attribute", "rule"),
    [
        ("a", Rule.SYNTAX), (None, Rule.SYNTAX), ([], Rule.SYNTAX), ({}, Rule.SYNTAX),
        ({"vr": None}, Rule.SYNTAX), ({"vr": ["LO"]}, Rule.SYNTAX),
        ({"Value": ["a"]}, Rule.SYNTAX),
        ({"vr": "XX", "Value": ["a"]}, Rule.VALUE), ({"vr": "lo"}, Rule.VALUE),
        ({"vr": "SH", "Value": ["a"]}, Rule.VALUE), ({"vr": "UN"}, Rule.VALUE),
        ({"vr": "LO", "Value": "a"}, Rule.SYNTAX),
        ({"vr": "LO", "Value": {"a": 1}}, Rule.SYNTAX),
        ({"vr": "LO", "Value": None}, Rule.SYNTAX),
        ({"vr": "LO", "InlineBinary": "QQ=="}, Rule.SYNTAX),
        ({"vr": "LO", "BulkDataURI": "https://x"}, Rule.SYNTAX),
        ({"vr": "LO", "Value": ["a"], "InlineBinary": "QQ=="}, Rule.SYNTAX),
        ({"vr": "LO", "Value": [{"Alphabetic": "a"}]}, Rule.VALUE),
        ({"vr": "LO", "Value": ["a", "b"]}, Rule.VALUE),
        ({"vr": "LO", "Value": [["a"]]}, Rule.VALUE),
    ],
)  # fmt: skip
def test_attributes_that_are_none(attribute: object, rule: Rule) -> None:
    reading = read({"00741204": attribute})
    assert [(each.path, each.rule) for each in reading.findings] == [("00741204", rule)]
    assert reading.dataset == {}


def test_empty_is_empty_however_it_is_written() -> None:
    for values in ([], [None], [""], [" "]):
        assert read({"00741204": {"vr": "LO", "Value": values}}) == (
            {"00741204": {"vr": "LO"}},
            (),
        )
    assert read({"00404021": {"vr": "SQ", "Value": []}}).dataset == {
        "00404021": {"vr": "SQ"}
    }


def test_members_that_say_nothing_are_left_out() -> None:
    attribute = {"vr": "LO", "Value": ["a"], "keyword": "ProcedureStepLabel", "x": {}}
    assert read({"00741204": attribute}) == ({"00741204": LABEL}, ())


def test_empty_values_among_several_stay() -> None:
    attribute = {"vr": "LO", "Value": ["a", None, "", "b"]}
    kept = {"vr": "LO", "Value": ["a", None, None, "b"]}
    assert read({"00102000": attribute}) == ({"00102000": kept}, ())


def test_bytes_are_in_the_data_set_or_nowhere() -> None:
    good = {"vr": "OB", "InlineBinary": "QQ=="}
    assert read({"00420011": good}) == ({"00420011": good}, ())
    for bad in ({"vr": "OB", "BulkDataURI": "https://x"}, {"vr": "OB", "Value": [1]}):
        assert told({"00420011": bad}) == [("00420011", Rule.SYNTAX)]
    assert told({"00420011": {"vr": "OB", "InlineBinary": "?"}}) == [
        ("00420011", Rule.VALUE)
    ]


@pytest.mark.parametrize("item", ["a", 5, [], [{}]])
def test_items_that_are_no_data_sets(item: object) -> None:
    model = {"00404021": {"vr": "SQ", "Value": [{}, item]}}
    assert told(model) == [("00404021", Rule.SYNTAX)]


def test_faults_inside_items_are_told_with_their_place() -> None:
    inner = {"vr": "SQ", "Value": [{}, {"00081155": {"vr": "UI", "Value": ["x"]}}]}
    model = {"00404021": {"vr": "SQ", "Value": [{"00081199": inner}]}}
    (finding,) = read(model).findings
    assert finding.path == "00404021/1/00081199/2/00081155"
    assert finding.name == (
        "InputInformationSequence[1].ReferencedSOPSequence[2].ReferencedSOPInstanceUID"
    )
    assert finding.message.startswith(f"{finding.name} (0008,1155) ")


def test_newer_attributes_have_names_and_representations() -> None:
    (finding,) = read({"00100012": {"vr": "LO", "Value": ["a"]}}).findings
    assert (finding.name, finding.rule) == ("NameToUse", Rule.VALUE)
    many = {"vr": "UR", "Value": ["a:b", "c:d"]}
    assert read({"00100047": many}) == ({"00100047": many}, ())


class TestLimits:
    """What is hostile ends soon."""

    def nested(self, levels: int) -> dict[str, Any]:
        model: dict[str, Any] = {}
        for _ in range(levels):
            model = {"00404021": {"vr": "SQ", "Value": [model]}}
        return model

    def test_depth(self) -> None:
        assert told(self.nested(DEEPEST)) == []
        for levels in (DEEPEST + 1, 900):
            ((path, rule),) = told(self.nested(levels))
            assert rule is Rule.LIMIT
            assert path.count("/1/") == DEEPEST

    def test_number_of_values(self) -> None:
        values = {"vr": "LO", "Value": ["a"] * (MOST_VALUES + 5)}
        items = {"vr": "SQ", "Value": [{}] * (MOST_VALUES + 5)}
        keys = {f"{0x00091000 + i:08X}": {"vr": "LO"} for i in range(MOST_VALUES + 5)}
        for model in ({"00102000": values}, {"00404021": items}, keys):
            assert [rule for _, rule in told(model)] == [Rule.LIMIT]

    def test_number_of_characters(self) -> None:
        text = {"vr": "UT", "Value": ["x" * (1 << 20)]}
        count = MOST_CHARACTERS // (1 << 20) + 2
        model = {f"0009{0x1000 + i:04X}": text for i in range(count)}
        assert told(dict(list(model.items())[: count - 2])) == []
        rules = [rule for _, rule in told({"00404021": {"vr": "SQ", "Value": [model]}})]
        assert Rule.LIMIT in rules

    def test_number_of_findings(self) -> None:
        model = {f"{0x00741200 + i:08X}": 5 for i in range(1000)}
        assert len(told(model)) == MOST_FINDINGS
        assert len(told({f"key {i}": 5 for i in range(1000)})) == MOST_FINDINGS

    def test_long_keys_are_not_remembered(self) -> None:
        before = _key.cache_info().currsize
        assert told({"x" * 100_000: LABEL}) == [("", Rule.SYNTAX)]
        assert _key.cache_info().currsize == before
