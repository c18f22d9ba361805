# ruff: noqa: E501 — paragraphs of a page are one line each
"""Pages written for the tests: one news article with everything around it that must not stay."""

from datetime import UTC, datetime

from cleaning.records import Hints, RawPage

FETCHED = datetime(2024, 6, 1, 12, tzinfo=UTC)
URL = "https://www.example.com/news/2024/05/13/ferry-returns?utm_source=feed"
TITLE = "Ferry returns to the northern islands after eleven years"
PARAGRAPHS = (
    "The first ferry in eleven years left the old pier on Monday morning with four passengers, a piano and two hundred hens.",
    "Nobody had expected the piano. It belonged to the teacher of the northernmost school, who had waited for it since the day "
    "on which the last boat was sold to a breaker’s yard in the south, and who now stood at the rail and would not go inside.",
    "“We were told that the islands cost too much,” said Maren Holt, who has run the post office for thirty years. “Then "
    "somebody worked out what it costs to fly a hen.”",
    "The county will pay a third of each ticket until the end of next year. After that the islanders must fill the boat by "
    "themselves, which would take nineteen passengers a day, and there are only forty-one people left to do it.",
    "The captain is not worried. He grew up on the second island and knows, he says, how many of those who left are waiting "
    "for a reason to come back. On Monday he sold eleven tickets for the way home before the boat had even turned.",
)
LD = """{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "%s",
 "datePublished": "2024-05-13T09:30:00+02:00", "dateModified": "2024-05-13T11:00:00+02:00", "articleSection": "Islands",
 "keywords": ["Ferries", "Islands"], "author": [{"@type": "Person", "name": "Jane Doe"}, {"@type": "Person", "name": "Ola Berg"}],
 "publisher": {"@type": "NewsMediaOrganization", "name": "The Example"}, "isAccessibleForFree": true}"""
FURNITURE = (
    "Read also: A bridge for three families",
    "Sign up for our newsletter",
    "Most read",
    "Please enter your comment!",
)


def article_html(
    paragraphs: tuple[str, ...] = PARAGRAPHS, *, head: str = "", title: str = TITLE, tail: str = ""
) -> str:
    """A page of a newspaper theme around these paragraphs."""
    middle = "".join(f"<p>{text}</p>" for text in paragraphs[1:])
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | The Example</title>
<link rel="canonical" href="/news/2024/05/13/ferry-returns"><meta property="og:site_name" content="The Example">
<meta property="og:type" content="article"><meta property="og:title" content="{title}">
<meta name="description" content="Four passengers, a piano and two hundred hens."><meta property="og:image" content="/ferry.jpg">
<script type="application/ld+json">{LD % title}</script>{head}</head>
<body><a href="#main">Skip to content</a><nav><a href="/news">News</a> <a href="/sport">Sport</a></nav>
<main id="main"><article><h1>{title}</h1><p class="byline">By <a rel="author" href="/a">Jane Doe</a> and Ola Berg</p>
<div class="share"><a href="#">Share on Facebook</a></div><div class="story-body">
<p>{paragraphs[0]}</p>
<figure><img src="/ferry.jpg"><figcaption>The ferry at the pier. Photo: Example Pictures</figcaption></figure>
<p><a href="/news/bridge">{FURNITURE[0]}</a></p>{middle}</div>
<div class="newsletter"><h3>{FURNITURE[1]}</h3><input name="email"></div></article>
<aside><h2>{FURNITURE[2]}</h2><ul><li><a href="/1">Harbour wall to be rebuilt</a></li><li><a href="/2">Wind farm sold</a></li></ul></aside>
<form><label>{FURNITURE[3]}</label></form>{tail}</main><footer>© 2024 The Example. All rights reserved.</footer></body></html>"""


def page(html: str | bytes, url: str = URL, **facts: object) -> RawPage:
    """A fetched page of the tests."""
    body = html.encode() if isinstance(html, str) else html
    fields: dict[str, object] = {"content_type": "text/html; charset=utf-8", "hints": Hints(), "status": 200} | facts
    return RawPage(url, "example", body, FETCHED, "run-1", "raw/a.warc.gz", 7, **fields)  # type: ignore[arg-type]
