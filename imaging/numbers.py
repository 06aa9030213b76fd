"""Numbers as text that sorts like them, so that one index serves all values: pure."""

from decimal import Decimal
from typing import Final

MAXIMUM_EXPONENT: Final = 4000
"""Of ten; beyond all that FD and 64-bit integers can hold."""
MAXIMUM_DIGITS: Final = 60

FIRST_OF_ALL: Final = "n"
LAST_OF_ALL: Final = "q"
"""Before and after every number as text."""

_BIAS: Final = 5000
_PLAIN_EXPONENT: Final = 20  # beyond, zeros say less than a power of ten
_COMPLEMENT: Final = str.maketrans("0123456789", "9876543210")


def readable(text: str) -> str:
    """Return the number that `sortable` has made a text of, as a query can name it."""
    if text == "o":
        return "0"
    is_negative = text.startswith("n")
    power, digits = text[1:5], text[5:].rstrip("~")
    if is_negative:
        power, digits = power.translate(_COMPLEMENT), digits.translate(_COMPLEMENT)
    exponent = int(power) - _BIAS
    number = Decimal(f"{digits}E{exponent - len(digits) + 1}")
    plain = f"{number:f}" if abs(exponent) <= _PLAIN_EXPONENT else f"{number:E}"
    return f"-{plain}" if is_negative else plain


def sortable(number: Decimal) -> str:
    """Return a number as text; texts compare byte by byte as the numbers do.

    A sign, the power of ten, and the digits without zeros at their end: ``p5000`` and
    ``15`` are 1.5. Of negative numbers everything is turned round.

    Raises
    ------
    ValueError
        It is none, or too large or too exact.
    """
    if not number.is_finite():
        message = "not a finite number"
        raise ValueError(message)
    if not number:
        return "o"
    sign, digits, _ = number.as_tuple()
    exponent = number.adjusted()
    text = "".join(map(str, digits)).rstrip("0")
    if abs(exponent) > MAXIMUM_EXPONENT or len(text) > MAXIMUM_DIGITS:
        message = "beyond what is compared"
        raise ValueError(message)
    if sign:
        power = f"{9999 - (exponent + _BIAS):04}"
        return f"n{power}{text.translate(_COMPLEMENT)}~"
    return f"p{exponent + _BIAS:04}{text}"
