"""A site's lists of its stories: feeds, sitemaps, robots.txt. Built as text in their formats, without a clock.

RSS 2.0 (rssboard.org), Atom (RFC 4287), sitemaps (sitemaps.org), Google's news sitemaps, robots.txt (RFC 9309).
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote
from xml.sax.saxutils import escape

from flows.sample.content import Site, Story, last_day

# A news sitemap lists articles of the last two days (developers.google.com/search/docs/crawling-indexing/sitemaps).
NEWS_SITEMAP_DAYS = 2
FEED_SUMMARY_CHARS = 200


def absolute(site: Site, port: int, path: str) -> str:
    """The URL of a path on a site; "//host/path" names another host of the same server."""
    host = site.host
    if path.startswith("//"):
        host, _, rest = path[2:].partition("/")
        path = "/" + rest
    return f"http://{host}:{port}{quote(path, safe='/?=&%+:,~')}"


def listed(site: Site, stories: list[Story], day: int) -> dict[str, list[Story]]:
    """The stories (newest first) in each of the site's lists, by the path of the list."""
    discovery = site.discovery
    lists: dict[str, list[Story]] = {}
    for feed in filter(None, (discovery.rss, discovery.atom)):
        lists[feed] = stories[: discovery.entries]
    if discovery.news_sitemap:
        since = last_day(day) - timedelta(days=NEWS_SITEMAP_DAYS - 1)
        lists[discovery.news_sitemap] = [s for s in stories if s.heading.published.date() >= since]
    return lists | _children(site, stories) | dict.fromkeys(discovery.sections, stories)


def make_lists(site: Site, stories: list[Story], day: int, port: int, extra: list[str]) -> dict[str, tuple[bytes, str]]:
    """Body and content type of every list of a site, by path; `extra` are listed paths that contain no story."""
    discovery = site.discovery
    held = listed(site, stories, day)
    urls = [absolute(site, port, path) for path in extra]
    made: dict[str, tuple[bytes, str]] = {"/robots.txt": (_robots(site, port).encode(), "text/plain; charset=utf-8")}
    if discovery.rss:
        made[discovery.rss] = (_rss(site, held[discovery.rss], port, urls).encode(), "application/rss+xml")
    if discovery.atom:
        made[discovery.atom] = (_atom(site, held[discovery.atom], port).encode(), "application/atom+xml")
    if discovery.news_sitemap:
        body = _news_sitemap(site, held[discovery.news_sitemap], port)
        made[discovery.news_sitemap] = (body.encode(), "application/xml")
    if discovery.sitemap_index:
        children = _children(site, stories)
        body = _index(site, children, port)
        made[discovery.sitemap_index] = (body.encode(), "application/xml")
        for number, (path, chosen) in enumerate(children.items()):
            child = _urlset(site, chosen, port, urls if number == 0 else []).encode()
            packed = gzip.compress(child, mtime=0) if discovery.gzip else child
            made[path] = (packed, "application/gzip" if discovery.gzip else "application/xml")
    return made


def _children(site: Site, stories: list[Story]) -> dict[str, list[Story]]:
    if not site.discovery.sitemap_index:
        return {}
    form = "%Y-%m-%d" if site.discovery.split == "day" else "%Y-%m"
    stem = site.discovery.sitemap_index.removesuffix(".xml")
    suffix = ".xml.gz" if site.discovery.gzip else ".xml"
    children: dict[str, list[Story]] = defaultdict(list)
    for story in stories:
        children[f"{stem}-{story.heading.published:{form}}{suffix}"].append(story)
    return dict(children)


def _robots(site: Site, port: int) -> str:
    lines = [site.robots.strip() or "User-agent: *\nAllow: /"]
    if site.discovery.robots:
        lines.append(f"\nSitemap: {absolute(site, port, site.discovery.sitemap_index)}")
    return "\n".join(lines) + "\n"


def _link(site: Site, story: Story, port: int) -> str:
    return absolute(site, port, site.path_of(story)) + site.discovery.link_suffix


def _summary(story: Story) -> str:
    return escape(story.heading.description or story.text[:FEED_SUMMARY_CHARS])


def _rss(site: Site, stories: list[Story], port: int, urls: Iterable[str]) -> str:
    items = "".join(
        f"<item><title>{escape(s.heading.title)}</title><link>{escape(_link(site, s, port))}</link>"
        f'<guid isPermaLink="false">{site.name}-{s.slug}</guid>'
        f"<pubDate>{format_datetime(s.heading.published)}</pubDate>"
        + "".join(f"<dc:creator>{escape(a)}</dc:creator>" for a in s.heading.authors)
        + "".join(f"<category>{escape(t)}</category>" for t in s.heading.tags)
        + f"<description>{_summary(s)}</description></item>\n"
        for s in stories
    )
    items += "".join(f"<item><title>Further page</title><link>{escape(url)}</link></item>\n" for url in urls)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{escape(site.title)}</title><link>{absolute(site, port, '/')}</link>"
        f"<description>{escape(site.tagline)}</description><language>{site.language}</language>\n{items}</channel></rss>\n"
    )


def _atom(site: Site, stories: list[Story], port: int) -> str:
    entries = "".join(
        f"<entry><title>{escape(s.heading.title)}</title><id>tag:{site.host},2026:{s.slug}</id>"
        f'<link rel="alternate" type="text/html" href="{escape(_link(site, s, port))}"/>'
        f"<published>{s.heading.published.isoformat()}</published><updated>{s.changed.isoformat()}</updated>"
        + "".join(f"<author><name>{escape(a)}</name></author>" for a in s.heading.authors)
        + f'<summary type="text">{_summary(s)}</summary></entry>\n'
        for s in stories
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{site.language}">'
        f"<title>{escape(site.title)}</title><id>tag:{site.host},2026:feed</id>"
        f"<updated>{_latest(stories).isoformat()}</updated>\n{entries}</feed>\n"
    )


def _latest(stories: list[Story]) -> datetime:
    return max(s.changed for s in stories)


def _news_sitemap(site: Site, stories: list[Story], port: int) -> str:
    urls = "".join(
        f"<url><loc>{escape(absolute(site, port, site.path_of(s)))}</loc><news:news><news:publication>"
        f"<news:name>{escape(site.title)}</news:name><news:language>{site.language}</news:language></news:publication>"
        f"<news:publication_date>{s.heading.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(s.heading.title)}</news:title></news:news></url>\n"
        for s in stories
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{urls}</urlset>\n'
    )


def _urlset(site: Site, stories: list[Story], port: int, extra: Iterable[str]) -> str:
    rows = [
        f"<url><loc>{escape(absolute(site, port, path))}</loc><lastmod>{s.changed.isoformat()}</lastmod></url>\n"
        for s in stories
        for path in (site.path_of(s), *s.heading.variants)
    ]
    rows += [f"<url><loc>{escape(url)}</loc></url>\n" for url in extra]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{"".join(rows)}</urlset>\n'
    )


def _index(site: Site, children: dict[str, list[Story]], port: int) -> str:
    rows = "".join(
        f"<sitemap><loc>{escape(absolute(site, port, path))}</loc>"
        f"<lastmod>{_latest(held).isoformat()}</lastmod></sitemap>\n"
        for path, held in children.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</sitemapindex>\n'
    )
