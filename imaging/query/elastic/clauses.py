"""The pieces that what Elasticsearch is asked is made of: pure."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from imaging.query.conditions import consecutive
from imaging.query.terms import ANY, ONE, Like

Clause = dict[str, Any]

_WILDCARDS: Final = {ANY: "*", ONE: "?"}


def all_of(clauses: Iterable[Clause]) -> Clause:
    """Return what holds where all clauses do."""
    return {"bool": {"filter": list(clauses)}}


def any_of(clauses: Iterable[Clause]) -> Clause:
    """Return what holds where any clause does."""
    given = list(clauses)
    if len(given) == 1:
        return given[0]
    return {"bool": {"should": given, "minimum_should_match": 1}}


def none_of(clause: Clause) -> Clause:
    """Return what holds where a clause does not."""
    return {"bool": {"must_not": [clause]}}


def like_in(field: str, like: Like, before: str = "") -> Clause:
    """Return what fits a pattern, after what all terms of the field begin with."""
    if like.pattern == like.prefix + ANY:
        return {"prefix": {field: before + like.prefix}}
    pattern = "".join(_WILDCARDS.get(e) or _escaped(e) for e in like.pattern)
    return {"wildcard": {field: before + pattern}}


def part_in(field: str, before: str, text: str, *, is_whole: bool) -> Clause:
    """Return what has a text in a term, or is it but for the case of A to Z."""
    if is_whole:
        return {"term": {field: {"value": before + text, "case_insensitive": True}}}
    pattern = before + "*" + _escaped(text) + "*"
    return {"wildcard": {field: {"value": pattern, "case_insensitive": True}}}


def words_in(field: str, words: Sequence[str], before: str = "") -> Clause:
    """Return what has consecutive words that begin with these, as `like_in`."""
    pattern = before + _somewhere(words)
    return {"regexp": {field: {"value": pattern, "flags": "NONE"}}}


def _escaped(text: str) -> str:
    """Return a text as a pattern of Lucene's has it that finds it alone."""
    return "".join(f"\\{each}" if each in "\\*?" else each for each in text)


def _somewhere(words: Sequence[str]) -> str:
    """Return a regular expression of a whole value, as Lucene's are."""
    pattern = consecutive(words)
    begins = "(^|[ ^])"
    if pattern.startswith(begins):
        return f"(.*[ ^])?{pattern.removeprefix(begins)}.*"
    return f".*{pattern}.*"
