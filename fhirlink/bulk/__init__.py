"""Much of the record at once: import and export, as operations (FHIR Bulk Data)."""
