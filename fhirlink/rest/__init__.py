"""FHIR R4 over HTTP (FHIR R4 3.1.0 RESTful API)."""
