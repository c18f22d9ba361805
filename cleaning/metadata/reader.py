"""Reads everything a page says about itself, each value with where it was found. Runs before anything is pruned."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import html

from cleaning.language import primary
from cleaning.metadata.authors import read_authors
from cleaning.metadata.date_parsing import zone
from cleaning.metadata.dates import Dates, read_dates
from cleaning.metadata.head import Head, read_head
from cleaning.metadata.rights import Rights, read_rights
from cleaning.metadata.titles import banner_name, read_title
from cleaning.metadata.topics import Topics, read_topics
from cleaning.public_suffixes import registered_domain
from cleaning.records import RawPage, SourceFacts
from cleaning.urls import absolute, credible_canonical, host_of

NO_DATES = Dates()
NO_TOPICS = Topics(section=None, section_source="none", tags=(), tags_source="none")
NO_RIGHTS = Rights(paywalled=False, signals=(), allowed=None, license=None)


@dataclass(frozen=True, slots=True)
class Metadata:
    """The page's statements that become columns; the defaults stand for one that states nothing."""

    title: str = ""
    title_source: str = "none"  # json-ld, h1, meta, title, hint, none
    authors_source: str = "none"  # json-ld, feed, meta, byline, none
    authors: tuple[str, ...] = ()
    dates: Dates = NO_DATES
    topics: Topics = NO_TOPICS
    description: str | None = None
    image_url: str | None = None
    site_name: str | None = None
    canonical: str | None = None  # credible, in canonical form
    stated_language: str | None = None
    rights: Rights = NO_RIGHTS
    page_types: frozenset[str] = frozenset()  # @type of the JSON-LD, og:type
    is_article: bool = False  # article JSON-LD, og:type article, or a publication date in the head
    head_title: str | None = None  # of <title>, as it stands


def _image(head: Head, url: str) -> str | None:
    stated = head.meta("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
    if not stated:
        stated = next((found for node in head.articles if (found := node.text("image", "thumbnailUrl"))), None)
    if not stated or stated.startswith("data:"):
        return None
    link = absolute(url, stated)
    return link if link.startswith(("http://", "https://")) else None


def site_names_of(head: Head, page: RawPage, source: SourceFacts) -> list[str]:
    """Names in titles or author fields that mean the site itself: catalogue, og:site_name, publisher, host."""
    names = [*source.site_names]
    names += [
        value
        for name in (
            "og:site_name",
            "application-name",
            "apple-mobile-web-app-title",
            "al:android:app_name",
            "twitter:site",
        )
        for value in head.metas.get(name, ())
    ]
    for node in head.nodes:
        if node.is_article or "WebSite" in node.types:
            names += [
                found
                for k in ("publisher", "name")
                if (k == "publisher" or "WebSite" in node.types) and (found := node.text(k))
            ]
        elif node.types & {"NewsMediaOrganization", "Organization"}:
            names += node.texts("name") + node.texts("alternateName")
    names += [found for found in (banner_name(head),) if found]
    host = host_of(page.url)
    domain = registered_domain(host)
    names += [host, domain, domain.split(".")[0], f"www.{domain}"]
    return list(dict.fromkeys(name.strip("@ ") for name in names if name and not name.startswith("http")))


def read_metadata(page: RawPage, tree: html.HtmlElement, source: SourceFacts) -> Metadata:
    """The metadata of a page, read from its whole tree; the tree is not changed."""
    head = read_head(tree)
    names = site_names_of(head, page, source)
    title, title_source = read_title(head, names)
    authors = read_authors(head, names, page.hints.authors)
    if not title and page.hints.title:
        title, title_source = page.hints.title, "hint"
    language = primary(head.language) or primary(head.meta("content-language", "og:locale"))
    types = {t for node in head.nodes for t in node.types} | {value.lower() for value in head.metas.get("og:type", ())}
    canonical = next(
        (
            found
            for stated in (head.link("canonical"), head.meta("og:url"))
            if (found := credible_canonical(page.url, stated))
        ),
        None,
    )
    return Metadata(
        title=title,
        title_source=title_source,
        authors=authors.names,
        authors_source=authors.source,
        dates=read_dates(tree, head, page.url, page.hints, page.fetched_at, zone(source.timezone), language),
        topics=read_topics(head, page.hints, names),
        description=head.meta("og:description", "description", "twitter:description", "dc.description"),
        image_url=_image(head, page.url),
        site_name=head.meta("og:site_name", "application-name"),
        canonical=canonical,
        stated_language=language,
        rights=read_rights(page, head, source.license),
        page_types=frozenset(types),
        is_article=bool(head.articles) or "article" in types or head.meta("article:published_time") is not None,
        head_title=head.title,
    )
