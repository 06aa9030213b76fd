"""What FHIR R4 defines of the resource types that are kept (FHIR 4.0.1)."""
