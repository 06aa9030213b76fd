"""What studies, series and instances have in common in the graph."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import orjson
import strawberry
from pydicom.datadict import keyword_for_tag

from core.graphql.context import Info
from core.graphql.nodes import Node
from core.graphql.partitions import Partition, find_partition
from core.graphql.scalars import Json
from imaging.graphql.searching import UIDS, describe, tags_of
from imaging.graphql.values import values
from imaging.index import tag_of
from imaging.query import Row

_URL: Final = tag_of("RetrieveURL")
_UID_TAGS: Final = tuple(map(tag_of, UIDS))


@strawberry.type(description="A DICOM attribute with its values.")
class Attribute:
    """An attribute that has no field of its own."""

    tag: str = strawberry.field(description="Group and element, 8 hexadecimal digits.")
    keyword: str | None = strawberry.field(
        description="Its keyword in the DICOM dictionary; null for private ones."
    )
    vr: str = strawberry.field(description="Its value representation.")
    value: Json | None = strawberry.field(
        description="Its values as an array, as the DICOM JSON model has them; null:"
        " it is empty, or its value lies elsewhere."
    )
    bulk_data_uri: str | None = strawberry.field(
        description="Where a binary value can be retrieved."
    )


@strawberry.interface(description="A study, series or instance that is held.")
class DicomObject(Node):
    """What can be said of each level."""

    row: strawberry.Private[Row]

    @strawberry.field(description="The data partition that it lies in.")
    async def partition(self, info: Info) -> Partition:
        """Return the partition."""
        return await find_partition(info.context, self.row.partition)

    @strawberry.field(
        description="Its address in DICOMweb: GET retrieves it, and /metadata below"
        " it what it says."
    )
    def retrieve_url(self) -> str:
        """Return the address."""
        return str(values(self.row, _URL)[0])

    @strawberry.field(
        description="Any of its attributes, in the order of their tags; those that it"
        " does not have are left out. Of a study or series the values are those of its"
        " newest instance."
    )
    async def attributes(
        self,
        info: Info,
        keywords: Annotated[
            list[str],
            strawberry.argument(
                description="Keywords, or tags as 8 hexadecimal digits; 100 at most."
            ),
        ],
    ) -> list[Attribute]:
        """Return attributes."""
        wanted = tags_of(keywords)
        level, key = self.row.level, self.row.keys[-1]
        found = await describe(info.context, level, key, keywords)
        return [
            _attribute(tag, each)
            for tag, each in sorted(found.attributes.items())
            if tag in wanted
        ]

    @strawberry.field(
        description="All that is known of it, as a DICOM JSON object: of an instance"
        " its whole metadata, of a study or series the attributes of its level."
    )
    async def dicom_json(self, info: Info) -> Json:
        """Return the JSON unparsed."""
        found = await describe(info.context, self.row.level, self.row.keys[-1], None)
        return Json(orjson.Fragment(found.answer))

    def name_of_node(self) -> str:
        """Return partition and UIDs."""
        uids = (str(values(self.row, tag)[0]) for tag in self._uid_tags())
        return "/".join([self.row.partition, *uids])

    def _uid_tags(self) -> tuple[str, ...]:
        return _UID_TAGS[: self.row.level + 1]


def _attribute(tag: str, element: Mapping[str, Any]) -> Attribute:
    value = element.get("Value")
    return Attribute(
        tag=tag,
        keyword=keyword_for_tag(int(tag, 16)) or None,
        vr=str(element["vr"]),
        value=None if value is None else Json(value),
        bulk_data_uri=element.get("BulkDataURI"),
    )
