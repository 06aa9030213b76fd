"""Several requests in one: batches and transactions (FHIR R4 3.1.0.11)."""
