"""Rows of before learn what later searches ask of them."""

from importlib import import_module

import pytest
from django.apps import apps

from core.models import Partition
from imaging.models import Series, Study
from tests.imaging.query.rows import hold, model

pytestmark = pytest.mark.django_db


def test_rows_learn_their_moments() -> None:
    moments = {
        "StudyDate": "20200101",
        "StudyTime": "2330",
        "PerformedProcedureStepStartDate": "20200102",
        "PerformedProcedureStepStartTime": "00",
    }
    partition = Partition.objects.create(name="before")
    for number, offset in enumerate(["-0100", "nowhere", ""], 1):
        uids = {"StudyInstanceUID": str(number), "SeriesInstanceUID": f"{number}.1"}
        values = {**moments, **uids, "TimezoneOffsetFromUTC": offset}
        if not offset:
            del values["TimezoneOffsetFromUTC"]
        uid = f"{number}.1.1"
        hold(partition, model(SOPClassUID="1.2", SOPInstanceUID=uid, **values))
    known = [
        list(Study.objects.order_by("id").values_list("study_moment_utc", flat=True)),
        list(
            Series.objects.order_by("id").values_list(
                "performed_procedure_step_start_moment_utc", flat=True
            )
        ),
    ]
    assert known == [["202001020030", "", ""], ["202001020100", "", ""]]
    Study.objects.update(study_moment_utc="")
    Series.objects.update(performed_procedure_step_start_moment_utc="")
    migration = import_module("imaging.migrations.0007_search_everywhere")
    migration.know_moments(apps, None)
    assert Study.objects.get(pk=Study.objects.earliest("id").pk).study_moment_utc == (
        "202001020030"
    )
    assert Study.objects.exclude(study_moment_utc="").count() == 1
    (series,) = Series.objects.exclude(performed_procedure_step_start_moment_utc="")
    assert series.performed_procedure_step_start_moment_utc == "202001020100"
