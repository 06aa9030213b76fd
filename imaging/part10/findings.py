"""What the walker collects beside the model, and how it is written down."""

from dataclasses import dataclass, field

from imaging.part10.dictionary_table import PIXEL_TAGS, Entry, keyword
from imaging.part10.encapsulated import Fragments
from imaging.part10.model import AttributeIssue, BulkLocator
from imaging.part10.values import UNDECODABLE, WORD_SIZE


class Undecided(Exception):
    """The walker is not sure how to read this: pydicom shall (see `fallback`)."""


@dataclass(frozen=True, slots=True)
class PixelPlace:
    """The pixel data element of the data set itself, as found."""

    entry: Entry
    offset: int
    length: int
    fragments: Fragments | None


@dataclass(slots=True)
class Findings:
    """Bulk values, pixel data, issues and warnings, in the order of the file."""

    shift: int = 0
    bulk: list[BulkLocator] = field(default_factory=list)
    issues: list[AttributeIssue] = field(default_factory=list)
    warnings: list[AttributeIssue] = field(default_factory=list)
    pixels: PixelPlace | None = None

    def add_bulk(
        self, path: str, entry: Entry, vr: str, start: int, length: int
    ) -> dict[str, str]:
        """Note a bulk value and return its attribute object."""
        self.bulk.append(BulkLocator(path, vr, start + self.shift, length))
        word = WORD_SIZE.get(vr, 1)
        if length % word:
            reason = f"length is not a multiple of {word}"
            if entry.tag in PIXEL_TAGS:
                self.warn(path, entry.tag, vr, reason)
            else:
                self.fault(path, entry.tag, vr, reason)
        return {"vr": vr, "BulkDataURI": path}

    def fault(self, path: str, tag: int, vr: str, reason: str) -> None:
        """Note that a value breaks a rule of its value representation."""
        if reason is UNDECODABLE:
            self.warn(path, tag, vr, reason)
        else:
            self.issues.append(AttributeIssue(path, keyword(tag), vr, reason))

    def warn(self, path: str, tag: int, vr: str, reason: str) -> None:
        """Note what is odd but kept."""
        self.warnings.append(AttributeIssue(path, keyword(tag), vr, reason))

    def too_many(self, path: str, tag: int, vr: str, count: int) -> None:
        """Note several values where the dictionary allows one."""
        self.warn(path, tag, vr, f"has {count} values where one is expected")

    def mark(self) -> tuple[int, int, int]:
        """Return a state for `rewind`."""
        return len(self.bulk), len(self.issues), len(self.warnings)

    def rewind(self, mark: tuple[int, int, int]) -> None:
        """Drop what was noted since `mark`."""
        del self.bulk[mark[0] :], self.issues[mark[1] :], self.warnings[mark[2] :]

    def forget(self, path: str) -> int:
        """Drop what was noted of an attribute that a later one replaces.

        Returns the number of notes looked at.
        """
        below = path + "/"

        def stays(note: BulkLocator | AttributeIssue) -> bool:
            return note.path != path and not note.path.startswith(below)

        looked_at = sum(self.mark())
        self.bulk[:] = filter(stays, self.bulk)
        self.issues[:] = filter(stays, self.issues)
        self.warnings[:] = filter(stays, self.warnings)
        return looked_at
