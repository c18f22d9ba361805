"""Archives by date: the address under which a site lists the articles of a day or month, as a template. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

# With fewer stories than this, addresses that begin alike may be chance.
STORIES_MIN = 5
_STORY = re.compile(
    r"(?P<head>https?://[^/]+(?:/[a-z]{2,12})?)/(?:19|20)\d\d/(?:0[1-9]|1[0-2])(?P<day>/(?:0[1-9]|[12]\d|3[01]))?/[^/?#]+/?$"
)


def is_template(url: str) -> bool:
    """Whether an address has places for a date."""
    return "{" in url


def dated(template: str, day: date) -> str:
    """The address of a date archive's page: ``{yyyy}``, ``{mm}``, ``{dd}`` (and ``{m}``, ``{d}`` without leading zero)
    filled in."""
    values = {
        "{yyyy}": f"{day.year:04}",
        "{mm}": f"{day.month:02}",
        "{dd}": f"{day.day:02}",
        "{m}": str(day.month),
        "{d}": str(day.day),
    }
    for mark, value in values.items():
        template = template.replace(mark, value)
    return template


def date_archive(urls: Iterable[str]) -> str | None:
    """The address under which a site keeps its articles by date, as a template; None where their addresses hold none.

    WordPress and others that keep ``https://post.example/2026/07/15/a-story`` list the day's articles under
    ``https://post.example/{yyyy}/{mm}/{dd}/``.
    """
    stories = [match for url in dict.fromkeys(urls) if (match := _STORY.match(url))]
    if len(stories) < STORIES_MIN:
        return None
    heads = Counter((match["head"], match["day"] is not None) for match in stories)
    (head, has_day), _ = heads.most_common(1)[0]
    return f"{head}/{{yyyy}}/{{mm}}/{'{dd}/' if has_day else ''}"
