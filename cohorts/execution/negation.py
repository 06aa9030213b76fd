"""Whether a sentence affirms words, in regular expressions of PostgreSQL.

What is negated is cut out of each sentence; what is left over affirms. A negation
reaches to the end of its part of the sentence ("no fever but cough" affirms cough).

References
----------
W. W. Chapman et al., "A simple algorithm for identifying negated findings and diseases
in discharge summaries", 2001 (NegEx), for the idea; the words are our own.
"""

from typing import Final

from cohorts.execution.statement import Sql, sql
from cohorts.execution.words import pattern_of
from fhirlink.events.words import FOLDED

SENTENCES: Final = r"[.!?;]+(?=\s|$)|\n+"
"""What lies between sentences; a decimal point does not."""

_BEFORE: Final = (
    *("no", "not", "without", "never", "nor", "neither", "denies", "denied", "denying"),
    *("absent", "absence of", "free of", "clear of", "lack of", "lacks"),
    *("negative for", "rules out", "ruled out", "rule out for", "excluded"),
    *("excludes", "excluding", "resolution of", "resolved"),
)
_AFTER: Final = (
    r"(?:is|are|was|were|has been|have been|can be|could be)?\s*"
    r"(?:not (?:seen|identified|present|found|visible|visualized|visualised|evident"
    r"|demonstrated|detected|noted|appreciated)|absent|excluded|ruled out"
    r"|negative|resolved|no longer (?:seen|present|visible))"
)
# Not a negation of what follows: these are taken out first.
_PSEUDO: Final = (
    r"(?:can ?not|cant|could not|couldnt|not|cannot be)"
    r"\s+(?:be\s+)?(?:entirely |completely |fully |definitely )?"
    r"(?:excluded?|ruled? out)"
    r"|not\s+only|no\s+(?:significant |interval |definite )?change(?:\s+in|\s+of)?"
    r"|not\s+certain\s+(?:if|whether)|no\s+(?:increase|decrease)(?:\s+in|\s+of)?"
    r"|without\s+(?:change|difficulty)(?:\s+in|\s+of)?"
)
_ENDS: Final = (
    r"but|however|although|though|except|apart from|aside from|other than|besides"
    r"|yet|which|still|nevertheless|secondary to|due to|because"
    r"|(?:and|,)\s+(?:there|a|an|several|multiple|some)"
)
# A line that goes on in small letters is one sentence with the line before.
_JOINED: Final = r"(?<=[^.!?:;\n])\n(?=[a-z])"


def affirmed(column: str, words: str) -> Sql:
    """Return that a sentence of a text affirms words."""
    phrase = pattern_of(words)
    joined = FOLDED.format(column=f"regexp_replace({column}, %s, ' ', 'g')")
    return sql(
        "EXISTS (SELECT FROM regexp_split_to_table("
        f"regexp_replace({joined}, %s, ' ', 'g'), %s) AS said"
        " WHERE said ~ %s AND regexp_replace(regexp_replace(said, %s, ' ', 'g'),"
        " %s, ' ', 'g') ~ %s)",
        _JOINED,
        _whole(_PSEUDO),
        SENTENCES,
        phrase,
        _negated_after(phrase),
        _negated_before(),
        phrase,
    )


def _whole(pattern: str) -> str:
    return rf"(?<![[:alnum:]])(?:{pattern})(?![[:alnum:]])"


def _negated_before() -> str:
    """Return the pattern of a negation and all that it reaches."""
    words = "|".join(each.replace(" ", r"\s+") for each in _BEFORE)
    # PostgreSQL takes the longest match: the first end is found by what lies before it.
    return rf"{_whole(words)}(?:(?!{_whole(_ENDS)}).)*"


def _negated_after(phrase: str) -> str:
    between = rf"(?:(?!{_whole(_ENDS)})[^,]){{0,40}}"
    return rf"{phrase}{between}\s{_whole(_AFTER)}"
