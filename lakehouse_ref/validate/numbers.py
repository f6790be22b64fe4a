"""Social security numbers in a text, and what looks like one and is none."""

from __future__ import annotations

import re


def shape(separator: str, middle: int = 2) -> re.Pattern[str]:
    """Return the pattern of a number of three groups of digits, of which the second has `middle`.

    Directly before it stands no digit, nor a digit and the separator; directly behind it no digit, nor the separator
    and a digit.
    """
    return re.compile(
        rf"(?<![0-9])(?<![0-9]{separator})"
        rf"([0-9]{{3}}){separator}([0-9]{{{middle}}}){separator}([0-9]{{4}})"
        rf"(?![0-9])(?!{separator}[0-9])"
    )


# The same separator stands twice, so each has a pattern of its own. No two numbers of a pattern overlap: the digits of
# a second one would stand directly behind a digit or a separator of the first.
SHAPES = [shape("-"), shape(" ")]

# 3-3-4 digits; 5-4 and nine of them; and 3-2-4, which is no social security number where it was let pass.
# (The first digit stands by itself since a search is quick where it begins with one character of a set.)
LOOKALIKES = re.compile(
    r"[0-9][0-9]{2}(?:[-. )]{1,2}[0-9]{3}[-. ][0-9]{4}|[0-9]{2}[- ]?[0-9]{4}|([- ])[0-9]{2}\1[0-9]{4})"
)


def holds_social_security_number(text: str, touched: set[str]) -> bool:
    """Tell whether the text holds a social security number (rule `not-a-social-security-number`)."""
    for pattern in SHAPES:
        if any(issued(*number.groups()) for number in pattern.finditer(text)):
            return True
    if LOOKALIKES.search(text):
        touched.add("not-a-social-security-number")
    return False


def issued(area: str, group: str, serial: str) -> bool:
    """Tell whether a number of these three groups may ever be issued."""
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"
