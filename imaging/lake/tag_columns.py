"""The columns of query tags: all values that a data set has of each."""

from collections.abc import Iterator
from functools import partial

from imaging.index import Model
from imaging.lake.columns import ModelColumn, Type, Value, column_name, plain
from imaging.levels import Kind
from imaging.query_tags.rows import indexed_tags
from imaging.query_tags.tag import Tag
from imaging.query_tags.values import raw_values


def tag_columns() -> Iterator[ModelColumn]:
    """Yield a column for each tag that is indexed now."""
    for tags in indexed_tags().values():
        for tag in tags:
            type_ = Type.NUMBERS if tag.kind is Kind.DECIMAL else Type.TEXTS
            name = column_name(tag.name)
            if tag.name == ".".join(tag.path):
                # What a private tag is, changes with who has written it.
                name = f"{name}_{tag.vr.lower()}"
            yield ModelColumn(name, type_, tag.level, partial(_read, tag))


def _read(tag: Tag, model: Model) -> Value:
    wanted = float if tag.kind is Kind.DECIMAL else str
    values = (plain(each, wanted) for each in raw_values(tag, model))
    return [value for value in values if value is not None]
