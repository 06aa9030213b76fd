"""Comparing the index of texts with the texts that the database has."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import transaction

from core import followers
from core.models import FollowerCursor
from fhirlink.events.follower import EventFollower
from fhirlink.text_index import index
from fhirlink.text_index.follower import TextFollower
from fhirlink.text_index.index import Text
from imaging.query.elastic.client import connection
from imaging.query.elastic.comparing import Difference, compare

REMEDY: Final = "manage.py followers rebuild texts"


def verify() -> list[Difference]:
    """Compare all documents with the texts, as they are while nobody writes either.

    Raises
    ------
    Away, Refused
        Elasticsearch does not answer.
    """
    followers.run_until_caught_up(EventFollower())
    followers.run_until_caught_up(TextFollower())
    with _alone(), index.texts_now(connection().tell) as point:
        of_texts = {"exists": {"field": "partition_id"}}  # all but the mark
        hits = point.walk(of_texts, source=list(Text._fields))
        wanted = (each for some in index.read_texts(0) for each in some)
        held = (Text(**hit["_source"]) for hit in hits)
        found = Difference("TEXT", REMEDY)
        return [compare(found, wanted, held, key=_key, called=_called)]


def _key(text: Text) -> int:
    return text.event


def _called(text: Text) -> str:
    return f"event {text.event}"


@contextmanager
def _alone() -> Iterator[None]:
    """Keep those from running who write texts, and their index."""
    names = [EventFollower.name, TextFollower.name]
    with transaction.atomic():
        cursors = FollowerCursor.objects.select_for_update().order_by("name")
        list(cursors.filter(name__in=names))
        yield
