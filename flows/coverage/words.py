"""What a day lacks, as a sentence for whoever reads the table."""

from __future__ import annotations

from collections.abc import Sequence

from cleaning.records import Coverage

# Estimates below one article in two are none in whole articles.
WORTH_SAYING = 0.5


def gap_in_words(row: Coverage, reaching: Sequence[str]) -> str | None:
    """What the row of all ways says to be lacking; None where that is nothing.

    Args:
        row: that of all ways of a source and day.
        reaching: the ways that reach the day.
    """
    said = []
    if not reaching:
        said.append("no way of discovery reaches this day: what it lists of it came from elsewhere or is a part")
    elif len(reaching) == 1:
        said.append(f"only the {reaching[0]} reaches this day: what that leaves out leaves no trace")
    elif row.missing is not None and row.missing >= WORTH_SAYING:
        said.append(f"{missing_in_words(row.missing, row.missing_low, row.missing_high)} on no list")
    if row.failed or row.never_tried:
        tried = f"{row.failed} could not be fetched" if row.failed else ""
        untried = f"{row.never_tried} not tried yet" if row.never_tried else ""
        said.append(", ".join(filter(None, (tried, untried))))
    unread = row.fetched - row.articles - row.copies - row.rejected
    if unread:
        said.append(f"{unread} fetched and in no table")
    if row.undated:
        said.append(f"{row.undated} without a date, counted on the day they were discovered")
    return "; ".join(said) or None


def missing_in_words(number: float, low: float | None, high: float | None) -> str:
    """An estimate with its interval: about 3 (0 to 9)."""
    upper = "no upper bound" if high is None else f"{high:.0f}"
    between = f"at least {low or 0:.0f}, {upper}" if high is None else f"{low or 0:.0f} to {upper}"
    return f"about {number:.0f} ({between})"
