"""The addresses at which a source is discovered, in the order in which they are read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from spiders.catalogue import Source
from spiders.discovery.date_archives import dated, is_template
from spiders.discovery.listing import Span
from spiders.discovery.post_lists import posts_url
from spiders.frontier.endpoint_kinds import Kind


def addresses(
    source: Source, named: Iterable[str], days: Sequence[date], span: Span | None = None
) -> list[tuple[Kind, str]]:
    """The addresses of a source's endpoints with their kinds. Sections last: what the others list judges their links.

    Args:
        source: of the catalogue.
        named: sitemaps that its robots.txt names.
        days: whose pages of a date archive are wanted.
        span: what lists of posts are asked for; their newest posts if None.
    """
    found = [(Kind.FEED, url) for url in source.feeds]
    found += [(Kind.NEWS_SITEMAP, url) for url in source.news_sitemaps]
    found += [(Kind.SITEMAP, url) for url in (*source.sitemaps, *named)]
    found += [(Kind.API, posts_url(url, span)) for url in source.apis]
    for url in source.sections:
        if is_template(url):
            found += [(Kind.ARCHIVE, dated(url, day)) for day in days]
        else:
            found.append((Kind.SECTION, url))
    return list(dict.fromkeys(found))
