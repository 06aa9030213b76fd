"""From what free text asks to SQL conditions (decision 0024).

The text of a row is an expression of its columns. There are two ways to look for a
word: an index of the words of this expression finds all rows that have it; a regular
expression tells of a row at hand whether it has it. So whoever stores has an index to
pay for, and nothing to keep in step with the rows.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from imaging.levels import Level
from imaging.query.attributes import Attribute
from imaging.query.conditions import Condition, any_of
from imaging.query.order_sql import KEY
from imaging.query.parse import Query
from imaging.query.words import SEPARATORS, FreeText, Word

MOST_CHARACTERS: Final = 10_240
"""Of the text of a row, and of a value of a tag, in which words are found."""

# What may be long comes last: it must not push out the others.
_COLUMNS: Final = {
    Level.STUDY: (
        "{}.study_date",
        "left({}.study_date, 4)",
        "{}.patient_birth_date",
        "{}.patient_id_folded",
        "{}.issuer_of_patient_id_folded",
        "{}.accession_number_folded",
        "{}.study_id_folded",
        "{}.patient_name_alphabetic_folded",
        "{}.patient_name_ideographic_folded",
        "{}.patient_name_phonetic_folded",
        "{}.referring_physician_name_alphabetic_folded",
        "{}.referring_physician_name_ideographic_folded",
        "{}.referring_physician_name_phonetic_folded",
        "{}.study_description_folded",
    ),
    Level.SERIES: (
        "{}.modality",
        "{}.body_part_examined",
        "{}.manufacturer_model_name_folded",
        "imaging_joined({}.scheduled_procedure_step_ids_folded)",
        "imaging_joined({}.requested_procedure_ids_folded)",
        "{}.series_description_folded",
    ),
}


class Source(NamedTuple):
    """Where words of a study or series may stand.

    Attributes
    ----------
    rows
        The rows ``w`` with the text, and what leads from them to the key.
    key
        Of the study or series.
    text
        Of a row ``w``.
    here
        What is true of the rows of the study or series at hand.
    at_hand
        The text, where the row at hand has it itself.
    tags
        Keys of query tags, of values of which it is the text.
    """

    rows: str
    key: str
    text: str
    here: str = ""
    at_hand: str = ""
    tags: Sequence[int] | None = None

    @property
    def among_tags(self) -> list[Condition]:
        """Return what is true of values of the tags."""
        if self.tags is None:
            return []
        # Not the forms in which moments are kept besides.
        return [("w.part < 3 AND w.tag_id = ANY(%s::int[])", [list(self.tags)])]


def text_of(level: Level, row: str) -> str:
    """Return the text of a study or a series, in lower case."""
    return _lower(" || ' ' || ".join(each.format(row) for each in _COLUMNS[level]))


def _lower(text: str) -> str:
    # Of codes, the rest is folded: their letters are ASCII.
    return f'lower(left({text}, {MOST_CHARACTERS}) COLLATE "C")'


_OF_STUDY: Final = text_of(Level.STUDY, "w")
_OF_SERIES: Final = text_of(Level.SERIES, "w")
_OF_VALUE: Final = _lower("coalesce(nullif(w.long, ''), w.text)")
_VALUES: Final = "imaging_tagvalue w"
_SERIES_OF: Final = "JOIN imaging_series x ON x.study_id ="
_TABLES: Final = {
    Level.STUDY: (
        Source("imaging_study w", "w.id", _OF_STUDY, at_hand=text_of(Level.STUDY, "s")),
        Source("imaging_series w", "w.study_id", _OF_SERIES, here="w.study_id = s.id"),
    ),
    Level.SERIES: (
        Source(
            "imaging_series w", "w.id", _OF_SERIES, at_hand=text_of(Level.SERIES, "e")
        ),
        Source(
            f"imaging_study w {_SERIES_OF} w.id",
            "x.id",
            _OF_STUDY,
            at_hand=text_of(Level.STUDY, "s"),
        ),
    ),
}
# By the level of what is found and that of the tag.
_TAGGED: Final = {
    (Level.STUDY, Level.STUDY): Source(
        _VALUES, "w.row_id", _OF_VALUE, here="w.row_id = s.id"
    ),
    (Level.STUDY, Level.SERIES): Source(
        f"{_VALUES} JOIN imaging_series x ON x.id = w.row_id",
        "x.study_id",
        _OF_VALUE,
        here="x.study_id = s.id",
    ),
    (Level.SERIES, Level.STUDY): Source(
        f"{_VALUES} {_SERIES_OF} w.row_id",
        "x.id",
        _OF_VALUE,
        here="w.row_id = s.id AND x.id = e.id",
    ),
    (Level.SERIES, Level.SERIES): Source(
        _VALUES, "w.row_id", _OF_VALUE, here="w.row_id = e.id"
    ),
}


def all_words(level: Level, most: int) -> str:
    """Return in SQL the words of a study ``s``, or a series ``e``, but of no tags."""
    parts = (
        f"SELECT imaging_words({source.at_hand}) AS words"
        if source.at_hand
        else f"SELECT imaging_words({source.text}) FROM {source.rows}"  # noqa: S608 own names
        f" WHERE {source.here}"
        for source in _TABLES[level]
    )
    return (
        'ARRAY(SELECT DISTINCT word COLLATE "C" FROM'  # noqa: S608 own names
        f" ({' UNION ALL '.join(parts)}) AS text,"
        f" unnest(tsvector_to_array(text.words)) AS word ORDER BY 1 LIMIT {most})"
    )


def all_tag_words(level: Level, most: int) -> str:
    """Return in SQL the words in values of tags, each after its tag and a colon.

    Of all tags that are ready and not of instances: who searches names those meant.
    """
    parts = (
        f"SELECT w.tag_id, imaging_words({source.text}) AS words FROM {source.rows}"  # noqa: S608 own names
        " JOIN imaging_querytag tag ON tag.id = w.tag_id AND tag.status = 'ready'"
        f" AND tag.level = '{of_tag.name.lower()}' WHERE {source.here} AND w.part < 3"
        for (found, of_tag), source in _TAGGED.items()
        if found is level
    )
    return (
        "ARRAY(SELECT DISTINCT (text.tag_id || ':' || word) COLLATE \"C\" FROM"  # noqa: S608 own names
        f" ({' UNION ALL '.join(parts)}) AS text,"
        f" unnest(tsvector_to_array(text.words)) AS word ORDER BY 1 LIMIT {most})"
    )


def word_conditions(query: Query) -> Iterator[Condition]:
    """Yield what has to be true of a row for all words to stand in its text."""
    for free in query.free_text:
        sources = sources_of(free)
        for place, word in enumerate(free.words):
            if place == free.rare:
                yield _among_keys(KEY[free.level], sources, word)
            else:
                text, values = any_of([_at_hand(source, word) for source in sources])
                # The planner takes all patterns for rare: these are not
                # (`imaging.query.word_choice`), so it goes down the rows in order.
                yield f"coalesce({text}, FALSE)", values


def sources_of(free: FreeText) -> list[Source]:
    """Return where the words may stand."""
    found = list(_TABLES[free.level])
    for level in (Level.STUDY, Level.SERIES):
        tags = _keys(free.tags, level)
        if tags:
            found.append(_TAGGED[free.level, level]._replace(tags=tags))
    return found


def rows_with(source: Source, word: Word, selected: str) -> Condition:
    """Return the statement that finds, by their index, the rows that have a word."""
    indexed: Condition = (f"imaging_words({source.text}) @@ %s::tsquery", [_any(word)])
    text, values = _and([indexed, *source.among_tags])
    return f"SELECT {selected} FROM {source.rows} WHERE {text}", values  # noqa: S608 own names


def _among_keys(key: str, sources: Sequence[Source], word: Word) -> Condition:
    """Return what is true of the rows that indexes find by a word.

    An array, because the planner takes it for short: these rows are looked up, and
    sorted.
    """
    parts = [rows_with(source, word, source.key) for source in sources]
    found = " UNION ALL ".join(text for text, _ in parts)
    return f"{key} = ANY(ARRAY({found}))", [v for _, values in parts for v in values]


def _at_hand(source: Source, word: Word) -> Condition:
    if source.at_hand:
        return f"{source.at_hand} ~ %s", [_pattern(word)]
    has_word: Condition = (f"{source.text} ~ %s", [_pattern(word)])
    text, values = _and([(source.here, []), *source.among_tags, has_word])
    # Looked up for each row: without OFFSET, all rows that have the word might be
    # gathered first.
    return f"EXISTS (SELECT FROM {source.rows} WHERE {text} OFFSET 0)", values


def _and(conditions: Sequence[Condition]) -> Condition:
    text = " AND ".join(text for text, _ in conditions)
    return text, [value for _, values in conditions for value in values]


def _any(word: Word) -> str:
    """Return a word as a tsquery: nothing in it has a meaning there."""
    begins = ":*" if word.begins else ""
    return " | ".join(f"'{form}'{begins}" for form in word.forms)


def _pattern(word: Word) -> str:
    """Return a word as a regular expression: nothing in it has a meaning there."""
    end = "" if word.begins else f"(?:$|[{SEPARATORS}])"
    return f"(?:^|[{SEPARATORS}])(?:{'|'.join(word.forms)}){end}"


def _keys(tags: Sequence[Attribute], level: Level) -> list[int]:
    found = (each.query_tag for each in tags if each.level is level)
    return [key for key in found if key is not None]
