"""UPS-RS: the worklist service over HTTP (DICOM PS3.18 11)."""
