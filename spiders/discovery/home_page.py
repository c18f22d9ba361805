"""What a home page says about its site, and the catalogue file made from it. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from urllib.parse import urlsplit

from lxml import etree, html

from cleaning.attributes import bounded_attributes
from cleaning.public_suffixes import registered_domain
from cleaning.text import squash
from spiders.catalogue import LISTINGS, Source
from spiders.discovery.feeds import join
from spiders.fetching.address_guard import is_local_name
from spiders.fetching.fetcher import Answer

FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
# How a WordPress page names its REST interface (developer.wordpress.org/rest-api/using-the-rest-api/discovery).
WORDPRESS_API = "https://api.w.org/"
# Between a site's name and its slogan or the name of a page; a hyphen within a word is part of it.
_SEPARATOR = re.compile(r"\s+[|–—·»:/-]+\s+|\s*[|»]\s*|:\s+|^\s*[:|]\s*")
_HOME_WORDS = frozenset(
    {"home", "homepage", "home page", "start", "startseite", "accueil", "inicio", "início", "portada", "hjem", "hem",
     "forside", "etusivu", "главная", "ホーム", "トップ", "首页", "welcome", "front page", "index", "news"}
)  # fmt: skip
# Endings of domains that are not the code of their country.
_COUNTRY_OF_ENDING = {"uk": "gb"}


class HomePage:
    """What a home page says about its site."""

    def __init__(self, answer: Answer) -> None:
        self.title: str | None = None
        self.languages: tuple[str, ...] = ()
        self.countries: tuple[str, ...] = ()  # ISO 3166 codes in lower case, likeliest first
        self.feeds: tuple[str, ...] = ()
        self.apis: tuple[str, ...] = ()
        try:
            root = html.document_fromstring(bounded_attributes(answer.body))
        except (etree.ParserError, ValueError):
            return
        metas = {meta.get("property") or meta.get("name"): meta.get("content") or "" for meta in root.iter("meta")}
        site = [metas.get(key, "") for key in ("og:site_name", "application-name", "apple-mobile-web-app-title")]
        site += [title.text or "" for title in root.iter("title")]
        host = urlsplit(answer.url).hostname or ""
        names = (site_name(squash(name), host)[:80] for name in site)
        self.title = next(filter(None, names), None)
        tags = [root.get("lang") or "", metas.get("og:locale", "")]
        languages = [found[0].lower() for tag in tags if (found := re.match(r"[a-zA-Z]{2,3}(?![a-zA-Z])", tag))]
        self.languages = tuple(dict.fromkeys(languages))
        regions = [found[1].lower() for tag in tags if (found := re.search(r"[-_]([A-Za-z]{2})\b", tag))]
        ending = host.rpartition(".")[2]
        self.countries = tuple(dict.fromkeys([*regions, _COUNTRY_OF_ENDING.get(ending, ending)]))
        endpoints = [link.get("href") or "" for link in root.iter("link") if link.get("rel") == WORDPRESS_API]
        self.apis = tuple(join(answer.url, f"{href.rstrip('/')}/wp/v2/posts") for href in endpoints if href)[:1]
        links = [link for link in root.iter("link") if "alternate" in (link.get("rel") or "").lower().split()]
        feeds = [link.get("href") or "" for link in links if (link.get("type") or "").lower() in FEED_TYPES]
        self.feeds = tuple(dict.fromkeys(join(answer.url, href) for href in feeds if "comment" not in href))


def site_name(title: str, host: str) -> str:
    """The site's name in a title that also says what it is: ``Home | The Harbour Post`` → ``The Harbour Post``.

    Of its parts that which the host's name repeats, else the first that says more than "Home".
    """
    parts = [part for piece in _SEPARATOR.split(title) if (part := piece.strip(" :|-–—·»"))]
    stem = _letters(registered_domain(host).partition(".")[0])
    named = [part for part in parts if (letters := _letters(part)) and (letters in stem or stem in letters)]
    telling = [part for part in parts if part.casefold() not in _HOME_WORDS]
    return next(iter([*named, *telling, *parts]), "")


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def provisional(url: str, name: str | None = None) -> Source:
    """A catalogue entry for a site of which only the address is known."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    domain = host if is_local_name(host) else registered_domain(host)
    stem = name or re.sub(r"[^a-z0-9]+", "-", domain.rpartition(".")[0] or domain).strip("-")
    return Source.model_validate({"name": stem, "title": host, "home": url, "hosts": [domain]})


def source_toml(source: Source, day: str) -> str:
    """A source as the text of its catalogue file; ``day`` is when its addresses were found."""
    lines = [f"# Addresses as found on {day}."]
    keys = ("name", "title", "home", "country", "languages", "hosts", "extra_hosts", "license", "timezone")
    lines += [f"{key} = {_toml(getattr(source, key))}" for key in (*keys, *LISTINGS) if getattr(source, key)]
    return "\n".join(lines) + "\n"


def _toml(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # a basic string is JSON's, but for DEL
    return "[" + ", ".join(_toml(one) for one in value) + "]"
