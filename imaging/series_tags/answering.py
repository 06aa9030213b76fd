"""Who tells which series have what is sought: the search index where it can, else SQL.

Whatever the index says, the rows of values are read with all that is sought, so that
both give the same. What has changed a moment ago the database looks at alone.
"""

import logging

from django.conf import settings

from imaging.query.backend import Unanswered
from imaging.query.backends import ANSWERS
from imaging.series_tags.indexed import Condition, ready_tag, select_series
from imaging.series_tags.sought import Sought

logger = logging.getLogger(__name__)


def series_by_tags(partition_id: int, sought: Sought) -> Condition | None:
    """Return the statement of the UIDs of all series that have what is sought.

    Of what has to be missing, that of the series where it is not. None where no query
    tag, ready and enabled, can tell.
    """
    tag = ready_tag(sought)
    if tag is None:
        return None
    of_all = select_series(partition_id, tag, sought)
    if of_all is None or not settings.ELASTICSEARCH_URLS:
        return of_all
    # Costs 12 MB of every process, which only who has it pays.
    from imaging.series_tags.elastic import LEVELS, keys_by_tags  # noqa: PLC0415

    if tag.level not in LEVELS:
        return of_all
    try:
        keys = keys_by_tags(partition_id, tag, sought)
    except Unanswered as error:
        ANSWERS.labels(error.reason).inc()
        logger.info("a tag of criteria is looked for by the database: %s", error.reason)
        return of_all
    ANSWERS.labels("answered").inc()
    return select_series(partition_id, tag, sought, keys)
