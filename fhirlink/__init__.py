"""The clinical record: a FHIR R4 store, and every image linked to it."""
