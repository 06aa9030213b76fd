"""Changes of resources, as entries of the change feed tell them."""

import strawberry

from fhirlink.write import KIND
from imaging.graphql.changes import told_by
from imaging.graphql.feed import Change


@strawberry.type(description="One change of a resource of the clinical record.")
class ResourceChange(Change):
    """An entry about a resource."""

    @strawberry.field(description="Its type, as FHIR calls it.")
    def resource_type(self) -> str:
        """Return the type."""
        return self.found.entry.key[0]

    @strawberry.field(description="Its id: the end of its address in /fhir.")
    def fhir_id(self) -> str:
        """Return the id."""
        return self.found.entry.key[1]


told_by(KIND, ResourceChange)
