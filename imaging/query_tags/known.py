"""The query tags as searches know them: read anew for each search that names some.

So a tag is searchable in every process the moment it is ready, and not a moment longer
than it is enabled.
"""

from typing import Any, Final

from core.database import raw_connection
from imaging.models import TagLevel
from imaging.query import Attribute, KnownTag, KnownTags
from imaging.query_tags.tag import LEVELS, Tag

_REFUSALS: Final = {
    "adding": "cannot be searched for before all that is held is indexed.",
    "deleting": "cannot be searched for: the query tag is being deleted.",
}
_DISABLED: Final = (
    "cannot be searched for: the query tag is disabled, as not all that is held could"
    " be indexed. It can be enabled."
)


def known_tags() -> KnownTags:
    """Return all query tags, by path."""
    rows = raw_connection().execute(_TAGS).fetchall()
    return {row[1]: _known(*row) for row in rows}


def indexed_paths() -> frozenset[str]:
    """Return the paths of the tags that new instances are indexed by."""
    return frozenset(path for (path,) in raw_connection().execute(_INDEXED).fetchall())


def _known(
    key: int, path: str, vr: str, level: str, status: str, *flags: Any
) -> KnownTag:
    is_enabled, has_errors = flags
    tag = Tag(key, tuple(path.split(".")), vr, "", LEVELS[TagLevel(level)])
    attribute = Attribute(
        path, tag.name, tag.level, tag.kind, (), many=True, query_tag=key
    )
    refusal = _REFUSALS.get(status, "" if is_enabled else _DISABLED)
    return KnownTag(attribute, refusal, has_errors)


_INDEXED: Final = "SELECT path FROM imaging_querytag WHERE status <> 'deleting'"
_TAGS: Final = """
SELECT id, path, vr, level, status, is_enabled, EXISTS (
  SELECT FROM imaging_tagerror fault
  JOIN imaging_instance i ON i.version_id = fault.version_id
  WHERE fault.tag_id = tag.id
)
FROM imaging_querytag tag
"""
