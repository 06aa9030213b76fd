"""Why a DICOM file is refused.

::

    Part10Error
     ├── NotDicom                    no header, and no data set either
     ├── Truncated                   an element reaches beyond the end of the file
     ├── Malformed                   the structure breaks PS3.5 Section 7
     ├── TooLarge                    a limit against hostile input was passed
     ├── UnsupportedTransferSyntax   an encoding that cannot be read or written
     └── Unwritable                  a model in JSON that no file can be made of

`reason` names tags and byte offsets, never a value: it may be shown and logged.
"""


class Part10Error(Exception):
    """Base of everything that the package raises about a file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotDicom(Part10Error):
    """The bytes hold neither a Part 10 file nor a bare data set."""


class Truncated(Part10Error):
    """The bytes end before the data set does."""


class Malformed(Part10Error):
    """The structure of the data set breaks DICOM PS3.5 Section 7."""


class TooLarge(Part10Error):
    """A limit that protects against hostile input was passed."""


class UnsupportedTransferSyntax(Part10Error):
    """The encoding is unknown and does not parse, or cannot be written."""


class Unwritable(Part10Error):
    """A model in DICOM JSON cannot be written as a file.

    Attributes
    ----------
    path
        Of the attribute at fault, as in `BulkLocator`; empty for the whole data set.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path
