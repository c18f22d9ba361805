"""What a home page says about its site, and the catalogue file made from it. Pure."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from lxml import etree, html

from cleaning.attributes import bounded_attributes
from cleaning.text import squash
from cleaning.urls import registered_domain
from spiders.catalogue import Source
from spiders.discovery.feeds import join
from spiders.fetching.address_guard import is_local_name
from spiders.fetching.fetcher import Answer

FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
WAYS = ("feeds", "sitemaps", "news_sitemaps", "sections")


class HomePage:
    """What a home page says about its site."""

    def __init__(self, answer: Answer) -> None:
        self.title: str | None = None
        self.languages: tuple[str, ...] = ()
        self.feeds: tuple[str, ...] = ()
        try:
            root = html.document_fromstring(bounded_attributes(answer.body))
        except (etree.ParserError, ValueError):
            return
        site = [meta.get("content") or "" for meta in root.iter("meta") if meta.get("property") == "og:site_name"]
        site += [title.text or "" for title in root.iter("title")]
        names = (squash(name)[:80] for name in site)
        self.title = next(filter(None, names), None)
        language = re.match(r"[a-zA-Z]{2,3}(?![a-zA-Z])", root.get("lang") or "")
        self.languages = (language[0].lower(),) if language else ()
        links = [link for link in root.iter("link") if "alternate" in (link.get("rel") or "").lower().split()]
        feeds = [link.get("href") or "" for link in links if (link.get("type") or "").lower() in FEED_TYPES]
        self.feeds = tuple(dict.fromkeys(join(answer.url, href) for href in feeds if "comment" not in href))


def provisional(url: str, name: str | None = None) -> Source:
    """A catalogue entry for a site of which only the address is known."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    domain = host if is_local_name(host) else registered_domain(host)
    stem = name or re.sub(r"[^a-z0-9]+", "-", domain.rpartition(".")[0] or domain).strip("-")
    return Source.model_validate({"name": stem, "title": host, "home": url, "hosts": [domain]})


def source_toml(source: Source, day: str) -> str:
    """A source as the text of its catalogue file; ``day`` is when its addresses were found."""
    lines = [f"# Addresses as found on {day}."]
    keys = ("name", "title", "home", "country", "languages", "hosts", "extra_hosts", "license")
    lines += [f"{key} = {_toml(getattr(source, key))}" for key in (*keys, *WAYS) if getattr(source, key)]
    return "\n".join(lines) + "\n"


def _toml(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # a basic string is JSON's, but for DEL
    return "[" + ", ".join(_toml(one) for one in value) + "]"
