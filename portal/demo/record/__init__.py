"""The demo hospital's clinical record: FHIR R4 resources, told from the same stories.

Everything here is pure: from lives and a seed to resources as plain dicts. The record
refers to a study by its UID and its accession number; the ImagingStudy itself is made
by whoever links images and record.
"""
