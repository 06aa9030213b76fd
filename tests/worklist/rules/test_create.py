"""Creating: each row of table CC.2.5-3, by what it asks of who sends (PS3.4 CC.2.5)."""

from typing import Any

import pytest

from imaging.part10.model import JsonModel
from tests.worklist.rules.samples import (
    FULL,
    LEAST,
    UID,
    fresh,
    items_at,
    sample,
)
from worklist.rules import BY_PATH, Attribute, Rule, check_create
from worklist.rules.requirements import STATE, WORKLIST_LABEL

ROWS = list(BY_PATH.values())
ALTERNATIVES = {
    "StudyInstanceUID", "SeriesInstanceUID", "CodingSchemeDesignator", "TextValue",
}  # fmt: skip


def told(model: object, **options: Any) -> list[tuple[str, Rule]]:
    return [(each.path, each.rule) for each in check_create(model, **options).findings]


def at(model: JsonModel, row: Attribute) -> tuple[JsonModel, str]:
    return next(items_at(model, row.path))


def rows(*scu: str, conditional: bool = False) -> list[Any]:
    """Return the rows of a usage that stand in `FULL`."""
    return [
        pytest.param(row, id=row.path)
        for row in ROWS
        if row.create.scu in scu
        if bool(row.condition) is conditional
        if any(row.tag in item for item, _ in items_at(FULL, row.path))
    ]


def test_the_least_and_the_fullest_workitem_are_right() -> None:
    assert told(LEAST) == []
    assert told(FULL) == []
    assert told(LEAST, is_azure=True) == []
    assert told(FULL, is_azure=True) == []


def test_all_rows_are_in_the_full_one_but_what_may_not_be() -> None:
    lacking = {
        row.path
        for row in ROWS
        if not any(row.tag in item for item, _ in items_at(FULL, row.path))
    }
    assert {path.partition(".")[0] for path in lacking} == {"00741002", "00741216"}
    assert len(ROWS) - len(lacking) > 400


@pytest.mark.parametrize("row", rows("1"))
def test_type_1_has_to_be_there(row: Attribute) -> None:
    model = fresh(FULL)
    item, where = at(model, row)
    del item[row.tag]
    assert (where + row.tag, Rule.MISSING) in told(model)


@pytest.mark.parametrize("row", rows("1"))
def test_type_1_has_to_have_a_value(row: Attribute) -> None:
    model = fresh(FULL)
    item, where = at(model, row)
    for empty in ({"vr": row.vr}, {"vr": row.vr, "Value": []}):
        item[row.tag] = empty
        assert (where + row.tag, Rule.EMPTY) in told(model)


@pytest.mark.parametrize("row", rows("2"))
def test_type_2_has_to_be_there_and_may_be_empty(row: Attribute) -> None:
    model = fresh(FULL)
    item, where = at(model, row)
    item[row.tag] = {"vr": row.vr}
    assert told(model) == []
    del item[row.tag]
    (finding,) = check_create(model).findings
    assert (finding.path, finding.rule) == (where + row.tag, Rule.MISSING)
    assert finding.is_mendable is ("." not in row.path)
    assert finding.name.endswith(row.keyword)
    assert finding.status == 0x0120


@pytest.mark.parametrize("row", rows("1", "1C", "2C", "2", "3"))
def test_a_wrong_representation_is_told_once(row: Attribute) -> None:
    model = fresh(FULL)
    item, where = at(model, row)
    item[row.tag] = {"vr": "AE" if row.vr != "AE" else "CS", "Value": ["X"]}
    about = [rule for path, rule in told(model) if path == where + row.tag]
    assert about == [Rule.VALUE]


@pytest.mark.parametrize("row", [*rows("3"), *rows("3", conditional=True)])
def test_type_3_need_not_be_there(row: Attribute) -> None:
    model = fresh(FULL)
    item, where = at(model, row)
    del item[row.tag]
    assert told(model) == []
    item[row.tag] = {"vr": row.vr}
    expected = [(where + row.tag, Rule.EMPTY)] if row.create.scp == "1" else []
    assert told(model) == expected


@pytest.mark.parametrize("row", rows("1C", "2C", conditional=True))
def test_what_is_conditional_is_optional_for_azure(row: Attribute) -> None:
    model = fresh(FULL)
    item, _ = at(model, row)
    del item[row.tag]
    assert told(model, is_azure=True) == []


@pytest.mark.parametrize("path", ["00741002", "00741216", "00081195"])
def test_what_has_to_be_empty_is_empty(path: str) -> None:
    model = fresh(LEAST)
    model[path] = sample(BY_PATH[path], "update", full=True)
    for is_azure in (False, True):
        assert told(model, is_azure=is_azure) == [(path, Rule.NOT_EMPTY)]
    del model[path]
    for is_azure in (False, True):
        assert told(model, is_azure=is_azure) == [(path, Rule.MISSING)]


def test_azure_wants_a_transaction_uid_that_is_empty() -> None:
    model = fresh(LEAST)
    assert "00081195" not in check_create(model, is_azure=True).dataset
    del model["00081195"]
    assert told(model, is_azure=True) == [("00081195", Rule.MISSING)]


@pytest.mark.parametrize("state", ["IN PROGRESS", "COMPLETED", "CANCELED", "NEW"])
def test_a_workitem_is_created_as_scheduled(state: str) -> None:
    model = fresh(LEAST)
    model[STATE] = {"vr": "CS", "Value": [state]}
    (finding,) = check_create(model).findings
    assert (finding.path, finding.rule, finding.status) == (STATE, Rule.STATE, 0xC309)
    assert told(model, is_azure=True) == []  # it is SCHEDULED there whatever is sent


def test_azure_sets_state_and_label_itself() -> None:
    model = fresh(LEAST)
    del model[STATE], model[WORKLIST_LABEL]
    assert told(model, is_azure=True) == []
    assert told(model) == [(WORKLIST_LABEL, Rule.MISSING), (STATE, Rule.MISSING)]


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("00741200", ["HIGH", "MEDIUM", "LOW"], ["STAT", "high", "MEDIUM1"]),
        ("00404041", ["INCOMPLETE", "UNAVAILABLE", "READY"], ["Ready", "NO"]),
        ("00404021/1/0040E020", ["DICOM"], ["FHIR", "dicom"]),
        ("00741210/1/0040A040", ["TEXT"], ["NUM", "text"]),
    ],
)
def test_enumerated_values(path: str, good: list[str], bad: list[str]) -> None:
    model = fresh(FULL)
    *above, tag = path.split("/")
    item = model[above[0]]["Value"][0] if above else model
    for value in good:
        item[tag]["Value"] = [value]
        assert told(model) == []
    for value in bad:
        item[tag]["Value"] = [value]
        assert told(model)[0] in {(path, Rule.ENUMERATED), (path, Rule.VALUE)}


class TestIdentity:
    """Address and data set agree on the UID (PS3.18 11.4.1)."""

    def test_either_names_it_or_none(self) -> None:
        bare = fresh(LEAST)
        named = {**bare, "00080018": {"vr": "UI", "Value": [UID]}}
        for model, uid in ((bare, UID), (named, UID), (named, "")):
            creation = check_create(model, uid=uid)
            assert creation.findings == ()
            assert creation.uid == UID
        assert check_create(bare).uid == ""

    def test_they_must_not_contradict(self) -> None:
        model = {**LEAST, "00080018": {"vr": "UI", "Value": [UID]}}
        assert told(model, uid=UID + ".1") == [("00080018", Rule.IDENTITY)]

    @pytest.mark.parametrize(
        "uid",
        ["abc", "1..2", ".1", "1.", "1." + "2" * 63, "1.2\x00", "\uff11.2", "1 2",
         "1.2.840.10008.5.1.4.34.5", "1.2.840.10008.5.1.4.34.5.1", "\ud800"],
    )  # fmt: skip
    def test_a_uid_that_names_no_workitem(self, uid: str) -> None:
        assert told(LEAST, uid=uid) == [("00080018", Rule.IDENTITY)]

    def test_the_class_is_that_of_the_push_service(self) -> None:
        model = {**LEAST, "00080016": {"vr": "UI", "Value": ["1.2.3"]}}
        assert told(model) == [("00080016", Rule.IDENTITY)]
        model["00080016"] = {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.34.6.1"]}
        assert told(model) == []

    def test_elements_of_the_message_are_none_of_the_data_set(self) -> None:
        model = {**LEAST, "00001000": {"vr": "UI", "Value": [UID]}}
        assert told(model) == [("00001000", Rule.NOT_ALLOWED)]


def code(**values: str) -> dict[str, Any]:
    tags = {"value": "00080100", "scheme": "00080102", "meaning": "00080104",
            "long": "00080119", "urn": "00080120"}  # fmt: skip
    vrs = {"value": "SH", "scheme": "SH", "meaning": "LO", "long": "UC", "urn": "UR"}
    return {tags[k]: {"vr": vrs[k], "Value": [v]} for k, v in values.items()}


class TestConditions:
    """Types 1C and 2C whose condition the data set itself tells."""

    def put(self, path: str, item: JsonModel) -> list[str]:
        model = {**LEAST, path: {"vr": "SQ", "Value": [item]}}
        assert told(model, is_azure=True) == []
        return [each[0].rpartition("/")[2] for each in told(model)]

    @pytest.mark.parametrize(
        ("values", "lacking"),
        [
            ({"value": "1", "scheme": "99X", "meaning": "m"}, []),
            ({"long": "1" * 17, "scheme": "99X", "meaning": "m"}, []),
            ({"urn": "urn:a:b", "meaning": "m"}, []),
            ({"value": "1", "meaning": "m"}, ["00080102"]),
            ({"long": "1", "meaning": "m"}, ["00080102"]),
            ({"meaning": "m"}, ["00080100"]),
        ],
    )
    def test_codes(self, values: dict[str, str], lacking: list[str]) -> None:
        assert self.put("00404018", code(**values)) == lacking

    @pytest.mark.parametrize(
        ("value_type", "tag"),
        [
            ("DATETIME", "0040A120"), ("DATE", "0040A121"), ("TIME", "0040A122"),
            ("PNAME", "0040A123"), ("UIDREF", "0040A124"), ("TEXT", "0040A160"),
            ("CODE", "0040A168"),
        ],
    )  # fmt: skip
    def test_a_parameter_has_the_value_of_its_type(
        self, value_type: str, tag: str
    ) -> None:
        name = {"vr": "SQ", "Value": [code(value="1", scheme="99X", meaning="m")]}
        item: JsonModel = {
            "0040A040": {"vr": "CS", "Value": [value_type]},
            "0040A043": name,
        }
        assert self.put("00741210", item) == [tag]

    def test_a_number_has_units(self) -> None:
        name = {"vr": "SQ", "Value": [code(value="1", scheme="99X", meaning="m")]}
        item: JsonModel = {
            "0040A040": {"vr": "CS", "Value": ["NUMERIC"]},
            "0040A043": name,
            "0040A30A": {"vr": "DS", "Value": [1.5]},
        }
        assert self.put("00741210", item) == ["004008EA"]
        assert self.put("00741210", item | {"004008EA": name}) == []

    def reference(self, kind: str, sop_class: str) -> JsonModel:
        return {
            "0040E020": {"vr": "CS", "Value": [kind]},
            "00081199": {
                "vr": "SQ",
                "Value": [
                    {
                        "00081150": {"vr": "UI", "Value": [sop_class]},
                        "00081155": {"vr": "UI", "Value": ["1.2.3"]},
                    }
                ],
            },
        }

    def test_references(self) -> None:
        url = {"00081190": {"vr": "UR", "Value": ["https://example.org"]}}
        where = {"0040E025": {"vr": "SQ", "Value": [url]}}
        ct = self.reference("DICOM", "1.2.840.10008.5.1.4.1.1.2")
        assert self.put("00404021", ct) == ["0020000D", "0020000E", "0040E021"]
        palette = self.reference("DICOM", "1.2.840.10008.5.1.4.39.1")
        assert self.put("00404021", palette | where) == []
        document = self.reference("CDA", "1.2.840.10008.5.1.4.1.1.2")
        assert self.put("00404021", document | where) == ["0040E001"]

    def test_places_to_store_at(self) -> None:
        assert self.put("00404070", {}) == ["00404071"]
        url = {"00404073": {"vr": "UR", "Value": ["https://example.org"]}}
        assert self.put("00404070", {"00404072": {"vr": "SQ", "Value": [url]}}) == []

    def test_designators(self) -> None:
        assert self.put("00380014", {}) == ["00400031"]
        universal = {"00400032": {"vr": "UT", "Value": ["1.2.3"]}}
        assert self.put("00380014", universal) == ["00400033"]
        kind = {"00400033": {"vr": "CS", "Value": ["ISO"]}}
        assert self.put("00380014", universal | kind) == []

    def test_a_specified_category_says_which(self) -> None:
        category = {
            "vr": "SQ",
            "Value": [code(value="131232", scheme="DCM", meaning="S")],
        }
        assert self.put("00100043", {"00100046": category}) == ["00100042", "00100047"]
        other = {"vr": "SQ", "Value": [code(value="131233", scheme="DCM", meaning="M")]}
        assert self.put("00100043", {"00100046": other}) == []


def test_messages_say_what_to_do_and_no_value() -> None:
    model = fresh(FULL)
    model["00100010"]["Value"] = [{"Alphabetic": "Secret\x00Name"}]
    model["00741200"]["Value"] = ["SECRETXYZ"]
    model["00404005"]["Value"] = ["SECRETDATE"]
    findings = check_create(model, uid="1.2.3").findings
    assert len(findings) == 4
    for finding in findings:
        assert "ecret" not in finding.message.lower()
        assert finding.message.endswith(".")
        assert finding.message.startswith(finding.name)


def test_what_came_is_not_changed() -> None:
    model = fresh(FULL)
    check_create(model, uid=UID)
    assert model == FULL
