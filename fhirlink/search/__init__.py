"""Searching FHIR resources (FHIR R4 3.1.1)."""
