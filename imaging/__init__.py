"""DICOM storage, DICOMweb, DIMSE."""
