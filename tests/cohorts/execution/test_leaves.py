"""What is asked of values, texts and studies; and what is left out as doubtful."""

import pytest

from cohorts.execution.asking import count
from core.partitions import get_or_create_partition
from fhirlink.models import LinkConflict, ReportLink
from tests.cohorts.execution.asked import (
    asked,
    event,
    matches,
    measured,
    report,
    study,
    who,
)
from tests.fhirlink.events.record import ACTOR, follow, patient, put, resource

pytestmark = pytest.mark.django_db

LOINC = "http://loinc.org"


def value(words: str, /, **asked_of_it: object) -> dict[str, object]:
    return event("observation", words, value=asked_of_it)


def test_numbers_are_compared_across_units_and_as_written_without_one() -> None:
    put(
        *(patient(id_) for id_ in "abc"),
        measured("a", "body weight", 100, "kg", "a"),
        measured("b", "body weight", 220, "lb", "b"),
        measured("c", "body weight", 101, "stones", "c"),
    )
    follow()

    assert who(value("body weight", gt=220, unit="[lb_av]")) == "a"
    assert who(value("body weight", gte=220, unit="[lb_av]")) == "a b"
    assert who(value("body weight", gt=200)) == "b"
    assert who(value("body weight", gt=100)) == "b c"
    assert who(value("body weight", lte=101, unit="stones")) == "c"
    assert who(value("body weight", lte=101, unit="mmol/L")) == ""


def test_hba1c_and_glucose_convert_both_ways_by_a_formula() -> None:
    code = {"coding": [{"system": LOINC, "code": "4548-4"}]}
    put(
        *(patient(id_) for id_ in "abcd"),
        measured("a", "Hemoglobin A1c", 8.1, "%", "a"),
        {**measured("b", "", 65, "mmol/mol", "b"), "code": code},
        measured("c", "Glucose", 7, "mmol/L", "c"),
        measured("d", "Glucose", 127, "mg/dL", "d"),
    )
    follow()

    a1c = {"codes": [{"system": LOINC, "code": "4548-4"}]}
    either = {"anyOf": [a1c, {"text": "hemoglobin a1c"}]}

    def over(unit: str, number: float) -> str:
        limits = {"gt": number, "unit": unit}
        return who({"event": {"type": "observation", "code": either, "value": limits}})

    assert over("%", 8) == "a b"
    assert over("mmol/mol", 64) == "a b"
    assert over("mmol/mol", 65) == "a"
    assert who(value("glucose", gt=126, unit="mg/dL")) == "c d"
    assert who(value("glucose", gte=7, unit="mmol/L")) == "c d"
    assert who(value("glucose", gt=7, unit="mmol/L")) == "d"


def test_a_bound_could_be_what_it_bounds() -> None:
    low = {"value": 5, "comparator": "<", "unit": "mg/dL"}
    put(
        patient(), resource("Observation", "o", code={"text": "crp"}, valueQuantity=low)
    )
    follow()

    assert who(value("crp", lt=5, unit="mg/dL")) == "p"
    assert who(value("crp", lte=1, unit="mg/dL")) == "p"
    assert who(value("crp", gte=5, unit="mg/dL")) == ""
    assert who(value("crp", eq=5, unit="mg/dL")) == ""


def test_values_in_words_are_codes_or_texts() -> None:
    smoker = {"coding": [{"system": "x", "code": "1", "display": "Current smoker"}]}
    put(
        *(patient(id_) for id_ in "abc"),
        resource("Observation", "a", "a", valueCodeableConcept=smoker),
        resource("Observation", "b", "b", valueString="Smokers (ex)"),
        resource("Observation", "c", "c", valueString="nonsmoker"),
    )
    follow()

    assert who(event("observation", value={"text": "smoker"})) == "a b"


TEXTS = {
    "a": "There is a pulmonary nodule in the left lobe.",
    "b": "No evidence of pulmonary nodule or mass.",
    "c": "A nodule cannot be excluded. No pulmonary effusion.",
    "d": "No effusion, but several pulmonary nodules.",
    "e": "Clear lungs. Pulmonary nodule: not seen.",
    "f": "No suspicious\nmass/nodule. Unchanged pulmonary NODULES.",
}


def test_texts_are_literal_and_none_knows_negation_by_sentence() -> None:
    put(*(patient(id_) for id_ in TEXTS))
    put(*(report(id_, text, patient=id_) for id_, text in TEXTS.items()))
    follow()

    def says(**text: object) -> str:
        return who(event("report", text=text))

    assert says(phrase="pulmonary nodule") == "a b d e f"
    assert says(any=["effusion", "lobe"]) == "a c d"
    assert says(all=["nodule", "effusion"]) == "c d"
    assert says(none=["nodule"]) == "b e"
    assert says(none=["effusion", "mass"]) == "a b c d e f"
    assert says(all=["pulmonary nodule"], none=["pulmonary nodule"]) == "b e"


def test_words_late_in_a_long_text_are_found() -> None:
    long = "word " * 20_000 + "pulmonary nodule. nodule then pulmonary"
    put(patient(), report("r", long))
    follow()

    assert who(event("report", text={"phrase": "pulmonary nodule"})) == "p"
    assert who(event("report", text={"phrase": "nodule pulmonary word"})) == ""


def images() -> None:
    put(
        patient("a"),
        patient("b"),
        study("1", "2024-01-01", ("CT", "Chest", 100), ("SR", "", 1), patient="a"),
        study("2", "2024-01-02", ("CT", "Abdomen", 5), ("MR", "Chest", 5), patient="b"),
        report("r1", "No nodule.", "1", "a", code={"text": "CT report"}),
        report("r2", "A nodule.", "2", "b", status="preliminary"),
    )
    follow()


def test_modality_and_body_may_be_of_two_series_and_of_one() -> None:
    images()
    chest = {"modality": ["CT"], "body": {"text": "chest"}}

    assert who(event("imaging", **chest)) == "a b"
    assert who(event("imaging", series=chest)) == "a"
    assert who(event("imaging", series={"modality": ["CT"], "count": {"lt": 1}})) == ""
    assert who(event("imaging", instances={"gt": 10})) == "a"
    assert who(event("imaging", series={"instances": {"gte": 5}})) == "a b"
    assert (
        who(event("imaging", series={"instances": {"eq": 5}, "count": {"eq": 2}}))
        == "b"
    )


def test_reports_of_a_study_are_those_that_are_linked_for_sure() -> None:
    images()
    put(report("r3", "A fracture.", "", "a"), report("r4", "A tumour.", "", "a"))
    follow()
    partition = get_or_create_partition(actor=ACTOR, name="default")
    for id_, is_suggestion in (("r3", False), ("r4", True)):
        ReportLink.objects.create(
            partition_id=partition,
            report=id_,
            study_instance_uid="1.2.1",
            is_suggestion=is_suggestion,
        )

    def says(**asked_of_it: object) -> str:
        return who(event("imaging", report=asked_of_it))

    assert says(text={"phrase": "nodule"}) == "a b"
    assert says(text={"none": ["nodule"]}) == "a"
    assert says(text={"phrase": "fracture"}) == "a"
    assert says(text={"phrase": "tumour"}) == ""
    assert says(code={"text": "ct report"}) == "a"
    assert says(status=["preliminary"]) == "b"
    first = event(
        "imaging",
        modality=["CT"],
        as_="a",
        when={"from": "2024-01-01", "to": "2024-01-01"},
    )
    assert who({"all": [first, event("report", same="study")]}) == "a"
    together = {"all": [first, event("report", same="study")]}
    assert matches(together) == {(0, "1"), (1, "r1"), (1, "r3")}


def test_studies_whose_patient_is_in_doubt_are_left_out() -> None:
    images()
    partition = get_or_create_partition(actor=ACTOR, name="default")
    conflict = LinkConflict.objects.create(
        partition_id=partition, study_instance_uid="1.2.1", kind="contradiction"
    )
    assert who(event("imaging")) == "b"
    LinkConflict.objects.filter(pk=conflict.pk).update(kind="unlinked")
    assert who(event("imaging")) == "a b"


def test_sites_are_where_something_was_done() -> None:
    put(
        *(patient(id_) for id_ in "ab"),
        resource("Encounter", "e", "a", serviceProvider={"display": "Mercy Hospital"}),
        resource("Encounter", "f", "b", serviceProvider={"display": "Lakeside"}),
    )
    follow()

    assert who({"patient": {"site": "mercy"}}) == "a"


def test_hostile_words_are_words() -> None:
    put(patient(), report("r", "x"))
    follow()
    for text in ("'; DROP TABLE x --", "%s {0} {a}", "a & | ! ( :* <->", "\\", "((("):
        assert count(asked(event("condition", text))).total == 0
        assert count(asked(event("report", text={"none": [text]}))).total in {0, 1}
        assert count(asked(value(text, text=text))).total == 0
