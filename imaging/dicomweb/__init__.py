"""DICOMweb (DICOM PS3.18): parse, resolve the actor, call one function, render."""
