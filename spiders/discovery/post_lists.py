"""The list of posts that a publishing system offers to programs: WordPress's REST interface, wp/v2/posts. Pure."""

from __future__ import annotations

import html
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from spiders.discovery.feeds import iso_moment, join, one_line
from spiders.discovery.listing import ZONE_MARGIN, Fault, Listing, ListingEntry, Span
from spiders.discovery.pagination import numbered

# The most that WordPress gives at once (developer.wordpress.org/rest-api/using-the-rest-api/pagination).
PER_PAGE = 100
# Of each post only what discovery needs: with the texts a page would be megabytes.
_FIELDS = "link,title,date_gmt,modified_gmt"


def posts_url(endpoint: str, span: Span | None) -> str:
    """The address of the first page of an endpoint such as ``…/wp-json/wp/v2/posts``, newest posts first."""
    parts = urlsplit(endpoint)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query |= {"per_page": str(PER_PAGE), "_fields": _FIELDS}
    if span is not None:
        query["after"] = f"{span.start - ZONE_MARGIN}T00:00:00"
        if span.end is not None:
            query["before"] = f"{span.end + ZONE_MARGIN}T23:59:59"
    return urlunsplit(parts._replace(query=urlencode(query, safe=",:")))


def read_posts(body: bytes, url: str) -> Listing:
    """Read one page of posts. The next one is offered where this is full: beyond the last the server answers 400."""
    try:
        posts: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        return Listing(fault=Fault.MALFORMED, detail=str(error)[:200])
    entries = [entry for post in posts if isinstance(post, dict) and (entry := _entry(post, url)) is not None]
    following = numbered(url, "page") if len(entries) >= PER_PAGE else None
    return Listing(tuple(entries), next_page=following, next_is_guess=True, fault=None if entries else Fault.EMPTY)


def _entry(post: dict[str, Any], url: str) -> ListingEntry | None:
    link, title = post.get("link"), post.get("title")
    if not isinstance(link, str):
        return None
    rendered = title.get("rendered") if isinstance(title, dict) else None
    return ListingEntry(
        join(url, link),
        one_line(html.unescape(rendered)) if isinstance(rendered, str) else None,  # "rendered" is HTML
        iso_moment(post.get("date_gmt")),
        iso_moment(post.get("modified_gmt")),
    )
