"""Changes of projects that meet the end of what they put in."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from core.errors import NotFound
from imaging.delete import delete_instances
from imaging.project_contents import add_studies
from imaging.projects import create_project
from tests.imaging.races import LONG_S, await_waiting, feed_held, in_thread
from tests.imaging.stores import ADMIN, received, store


@pytest.mark.usefixtures("committing")
def test_a_study_that_is_being_deleted_is_not_there_to_be_put_in() -> None:
    store(received("1", "2", "3"), received("4", "5", "6"))
    project = create_project(actor=ADMIN, partition="default", name="p")
    delete = partial(
        delete_instances, actor=ADMIN, partition="default", study_instance_uid="1"
    )
    add = partial(add_studies, actor=ADMIN, project_id=project.pk, uids=["1", "4"])
    with ThreadPoolExecutor(2) as threads:
        with feed_held():
            deleting = threads.submit(in_thread, delete)
            await_waiting()
            adding = threads.submit(in_thread, add)
            with pytest.raises(TimeoutError):
                adding.result(0.3)
        deleting.result(LONG_S)
        with pytest.raises(NotFound):
            adding.result(LONG_S)
    assert not project.studies.exists()
