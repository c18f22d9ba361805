"""Pages written for the tests of cleaning.blocks."""

from __future__ import annotations

from lxml import html

PARAGRAPHS = (
    "The harbour authority said on Tuesday that the northern pier will stay closed until the end of March, because "
    "divers had found cracks in eleven of its forty pillars.",
    "“We looked at every pillar twice,” said Marta Lindqvist, who leads the engineers. “What we saw in the first week "
    "was worse than anyone had expected, and the second week was no better.”",
    "Ferries to the islands now leave from the fish market, a walk of ten minutes. The company has added two sailings "
    "in the morning, and it promises that nobody with a ticket will be left behind.",
    "Shopkeepers on the pier, who lose their busiest months, want the city to pay. The council will vote on a fund of "
    "400,000 crowns in its meeting on Thursday, according to a draft that was seen by this newspaper.",
)
MENU = ("News", "Sport", "Weather", "Culture", "Opinion", "Video", "Archive", "Contact us")
RELATED = (
    "Storm closes three schools for a second day",
    "Mayor opens new library in the old brewery",
    "Why the price of cod has doubled since autumn",
)


def news_page(*, head: str = "", body: str = "", after: str = "") -> str:
    """An article page with a menu, a caption, related links, a sign-up box and a footer."""
    menu = "".join(f'<li class="nav-item"><a href="/{n}">{text}</a></li>' for n, text in enumerate(MENU))
    related = "".join(f'<li><a href="/story-{n}">{text}</a></li>' for n, text in enumerate(RELATED))
    text = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    return f"""<!doctype html><html lang="en"><head><title>Pier stays closed until spring - The Harbor Post</title>
    <meta property="og:title" content="Pier stays closed until spring">
    <meta name="description" content="Divers found cracks in eleven pillars of the northern pier.">{head}</head>
    <body><header><nav class="main-nav"><ul>{menu}</ul></nav></header>
    <main><article class="story"><h1>Pier stays closed until spring</h1>
    <figure><img src="p.jpg"><figcaption class="caption">The pier on Monday. Photo: Post archive</figcaption></figure>
    <div class="story-body">{text}{body}</div></article>
    <aside class="related-stories"><h3>Related stories</h3><ul>{related}</ul></aside>
    <div class="newsletter-signup"><p>Sign up for our newsletter and get the news every morning.</p></div>{after}</main>
    <footer class="site-footer"><p>© 2026 The Harbor Post. All rights reserved.</p></footer></body></html>"""


def tree_of(markup: str) -> html.HtmlElement:
    """A parsed page."""
    return html.document_fromstring(markup)
