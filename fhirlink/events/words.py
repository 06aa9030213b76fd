"""The words of text as the indexes have them: folded, of letters and digits alone.

So words are found whole, whatever stands between them, and without regard to case and
accents; what PostgreSQL's own parser makes one word (``mass/nodule``) are two.
"""

from typing import Final

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func

FOLDED: Final = (
    "lower(regexp_replace(normalize({column}, NFKD),"
    " '[\\u0300-\\u036f''\\u2019]+', '', 'g'))"
)
"""SQL of a column without case, accents and apostrophes."""

SPACED: Final = "regexp_replace(" + FOLDED + ", '[^[:alnum:]]+', ' ', 'g')"
"""SQL of a column with blanks between its words, folded, and nothing else."""

WORDS: Final = "to_tsvector('simple'::regconfig, " + SPACED + ")"
"""SQL of the words of a column."""


class Words(Func):
    """The words of a column, for an index."""

    template = WORDS.format(column="%(expressions)s")
    arity = 1
    output_field = SearchVectorField()
