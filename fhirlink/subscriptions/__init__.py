"""Telling others of what changes: Subscription with the channel rest-hook (FHIR R4)."""
