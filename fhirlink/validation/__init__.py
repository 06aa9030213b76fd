"""Whether a resource is one of FHIR R4, before it is stored (pure).

`check` looks at everything: the structure by the standard's own definitions, its rules
over several elements, references and what is contained. What it does not look at:
profiles, codes of code systems without a required binding, and whether references
lead to something.
"""

from fhirlink.validation.check import check, require_valid
from fhirlink.validation.errors import InvalidResource
from fhirlink.validation.issues import Issue

__all__ = ["InvalidResource", "Issue", "check", "require_valid"]
