"""The Native DICOM Model: data sets in XML (DICOM PS3.19 A.1), to and from their JSON.

Pure, and both ways work on the JSON model (PS3.18 annex F): no DICOM is read here.
"""

from imaging.native_xml.read import NotNative, read
from imaging.native_xml.write import NAMESPACE, write

__all__ = ["NAMESPACE", "NotNative", "read", "write"]
