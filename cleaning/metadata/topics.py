"""What a page is filed under: its section and its tags, from every witness, each with where it was found.

Publishing systems print both as links beside the text. WordPress marks them by relation (``rel="category tag"``,
``rel="tag"``), most others by address (``/category/…``, ``/tag/…``) or by the words before them ("Posted in", "Tags:").
Only links of the article itself count: those of menus, sidebars, footers and of other stories' teasers do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml import html

from cleaning.metadata.head import Head
from cleaning.records import Hints
from cleaning.text import key, squash

# more tags than this are the index of the site
MAX_TAGS = 40
# "Economy of the northern islands": names of sections and tags are short, headlines are not
MAX_CHARS = 80
MAX_WORDS = 8
# more links to sections than this beside one text are a menu that is not marked as one
MAX_SECTION_LINKS = 12
# a teaser is a box with a link of this many words: it leads to another story, and its tags are that story's
HEADLINE_WORDS = 4
# and with no more words in all: teasers show a summary, of 60 words at most in the stock themes at hand
TEASER_WORDS = 120

SECTION_METAS = (
    "article:section", "og:article:section", "section", "parsely-section", "cxenseparse:section", "sailthru.section",
)  # fmt: skip
KEYWORD_METAS = ("news_keywords", "keywords", "tags", "parsely-tags", "sailthru.tags")
SECTION_PATHS = frozenset(
    ("category", "categories", "section", "sections", "kategorie", "kategorien", "rubrik", "rubrique", "rubriques",
     "categoria", "categorias", "categorie", "kategori", "ressort", "channel", "topics", "topic", "sezione")
)  # fmt: skip
TAG_PATHS = frozenset(
    ("tag", "tags", "label", "labels", "keyword", "keywords", "schlagwort", "schlagworte", "stichwort", "etiqueta",
     "etiquetas", "etiquette", "mot-cle", "mots-cles", "hashtag")
)  # fmt: skip
# what an address that names a section or a tag contains, whole or in a longer word
PLACES = re.compile("cat|" + "|".join(map(re.escape, sorted(SECTION_PATHS | TAG_PATHS))))
BEFORE_SECTION = re.compile(
    r"(?:^|\W)(?:in|filed under|filed in|posted in|published in|categor(?:y|ies)|section|rubrik|kategorien?|"
    r"veröffentlicht in|abgelegt unter|catégories?|classé dans|publié dans|categorías?|publicado en|categoria|"
    r"分类|分類|类别|カテゴリー?|카테고리|рубрика|категория)\s*[:：]?\s*$",
    re.IGNORECASE,
)
BEFORE_TAG = re.compile(
    r"(?:^|\W)(?:tags?|tagged(?: with| as)?|topics|keywords|labels|schlagw[oö]rte?r?|stichw[oö]rte?r?|"
    r"verschlagwortet mit|étiquettes?|mots[- ]clés|etiquetas?|etiquetado|标签|標籤|タグ|태그|метки|теги)\s*[:：]?\s*$",
    re.IGNORECASE,
)
# boxes beside the article: their links are the site's, or another story's
ELSEWHERE = re.compile(
    r"widget|sidebar|(?<![a-z])(?:nav|menu|navbar|navigation)(?![a-z])|site-?header|site-?footer|related|cloud|comment|popular|"
    r"recent|latest|teaser|promo|recommend|most-?read|archive-?list|breadcrumb|pagination|pager|toc",
    re.IGNORECASE,
)
# what systems file a post under when nobody chose, and names that say nothing
UNFILED = frozenset(
    ("all", "post", "posts", "blog", "home", "article", "articles", "uncategorized", "uncategorised", "unkategorisiert",
     "allgemein", "non classe", "non classé", "sin categoria", "sin categoría", "sem categoria", "senza categoria",
     "geen categorie", "未分类", "未分類", "未分類", "미분류", "без рубрики", "default", "none", "null", "other",
     "startseite", "accueil", "inicio", "read more", "more", "tags", "categories", "archive", "archives")
)  # fmt: skip
COUNT = re.compile(r"\s*[(\[]?\d+[)\]]?\s*$")


@dataclass(frozen=True, slots=True)
class Topics:
    """What a page is filed under."""

    section: str | None
    section_source: str  # json-ld, meta, link, breadcrumb, feed, none
    tags: tuple[str, ...]  # in the page's order, each once
    tags_source: str  # json-ld, meta, link, feed, none


@dataclass(frozen=True, slots=True)
class _Links:
    """The topic links that stand with an article."""

    sections: tuple[str, ...]
    tags: tuple[str, ...]


def read_topics(head: Head, hints: Hints, site_names: Iterable[str]) -> Topics:
    """Section and tags of a page.

    Args:
        head: what the page declares.
        hints: what feed or sitemap said of it.
        site_names: never a section or a tag.
    """
    names = {key(name) for name in site_names if name} - {""}
    links = _topic_links(head)
    section, section_source = _first_section(
        (
            ("json-ld", _json_ld_sections(head)),
            ("meta", [v for name in SECTION_METAS for v in head.metas.get(name, ())]),
            ("link", links.sections),
            ("breadcrumb", _breadcrumbs(head)),
            ("feed", [hints.section] if hints.section else hints.tags[:1]),
        ),
        names,
    )
    tags, tags_source = _first_tags(
        (
            ("json-ld", next((v for node in head.articles if (v := node.texts("keywords"))), [])),
            ("meta", head.metas.get("article:tag", [])),
            ("link", links.tags),
            ("meta", next(([v] for n in KEYWORD_METAS for v in head.metas.get(n, ())[:1] if v), [])),
            ("feed", list(hints.tags)),
        ),
        names,
    )
    return Topics(section, section_source, tags, tags_source)


def _first_section(witnesses: Iterable[tuple[str, Iterable[str]]], names: set[str]) -> tuple[str | None, str]:
    for source, values in witnesses:
        for value in values:
            found = _topic(value, names)
            if found:
                return found, source
    return None, "none"


def _first_tags(witnesses: Iterable[tuple[str, Iterable[str]]], names: set[str]) -> tuple[tuple[str, ...], str]:
    for source, values in witnesses:
        found: dict[str, str] = {}
        for value in values:
            pieces = [value] if source == "link" else value.split(",") if "," in value else value.split(";")
            for piece in pieces:
                tag = _topic(piece, names)
                if tag:
                    found.setdefault(key(tag) or tag, tag)
        if found:
            return tuple(found.values())[:MAX_TAGS], source
    return (), "none"


def _topic(value: str, names: set[str]) -> str | None:
    """One section or tag as it should stand; None for the site's own name, placeholders and what is no name."""
    name = squash(value).strip("#\"' ,;|/·•»«›‹").removeprefix("#")
    # "News - News": a section that says itself twice
    halves = re.split(r"\s+[-–|/>»]\s+", name)
    if len(halves) == 2 and key(halves[0]) == key(halves[1]):
        name = halves[0]
    # publishing systems hide ids among the keywords, as "type:article"
    if not name or len(name) > MAX_CHARS or name.startswith("http") or re.fullmatch(r"[a-z_]+:[\w./-]+", name):
        return None
    return None if key(name) in names or key(name) in UNFILED or name.casefold() in UNFILED else name


def _json_ld_sections(head: Head) -> Iterator[str]:
    for node in head.articles:
        yield from node.texts("articleSection")


def _breadcrumbs(head: Head) -> Iterator[str]:
    """The crumbs of schema.org's BreadcrumbList below the home page and above the article, the deepest first."""
    title = key(head.meta("og:title") or (head.headings[0] if head.headings else ""))
    for node in head.nodes:
        if "BreadcrumbList" not in node.types:
            continue
        crumbs = [item.text("name") or item.text("item") or "" for item in node.nodes("itemListElement")]
        inner = [crumb for crumb in crumbs[1:] if crumb and len(crumb.split()) <= MAX_WORDS]
        inner = [crumb for crumb in inner if not (title and key(crumb) and key(crumb) in title and crumb is crumbs[-1])]
        yield from reversed(inner)


def _topic_links(head: Head) -> _Links:
    """Links to sections and tags that stand with the article."""
    sections: dict[str, str] = {}
    tags: dict[str, str] = {}
    own = _own_article(head)
    for link in head.tree.iter("a"):
        kind = _kind(link)
        if kind is None:
            continue
        name = COUNT.sub("", squash(link.text_content())) if kind == "section" else squash(link.text_content())
        if not name or len(name) > MAX_CHARS or len(name.split()) > MAX_WORDS or not _belongs(link, own):
            continue
        (sections if kind == "section" else tags).setdefault(key(name) or name, name)
    if len(sections) > MAX_SECTION_LINKS:
        sections = {}
    if len(tags) > MAX_TAGS:
        tags = {}
    return _Links(tuple(sections.values()), tuple(tags.values()))


def _kind(link: html.HtmlElement) -> str | None:
    """Whether a link leads to a section or a tag, by its relation, its address, or the words before it."""
    relations = (link.get("rel") or "").lower().split()
    if "category" in relations:
        return "section"
    # Nikola's tags lie in the folder of its categories: the link's own words are believed before its address.
    if "tag" in relations and "tag" in (link.get("class") or "").lower().split():
        return "tag"
    href = link.get("href") or ""
    # most links of a page lead to articles, and cutting up their addresses is a tenth of the time of cleaning
    address = _place(href) if not href.isascii() or "%" in href or PLACES.search(href.lower()) else None
    if address is not None:
        return address
    if "tag" in relations:
        return "tag"
    before = _words_before(link)
    if BEFORE_TAG.search(before):
        return "tag"
    return "section" if BEFORE_SECTION.search(before) else None


def _place(href: str) -> str | None:
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return None
    path = [unquote(piece).casefold() for piece in parts.path.split("/") if piece]
    # the folder that names the kind, then the topic and at most a page or a parent: "/category/news/local/"
    for position, piece in enumerate(path[:-1]):
        if piece in TAG_PATHS:
            return "tag"
        if piece in SECTION_PATHS and len(path) - position <= 4:
            return "section"
    for name, value in parse_qsl(parts.query):
        if value and name in ("tag", "tags"):
            return "tag"
        if value and name in ("cat", "category", "category_name"):
            return "section"
    return None


def _words_before(link: html.HtmlElement) -> str:
    """The text of the link's own box directly before it, across other links of the same list."""
    parent = link.getparent()
    if parent is None:
        return ""
    previous = link.getprevious()
    while previous is not None and previous.tag == "a" and not squash(previous.tail or "").strip(",|/· "):
        previous = previous.getprevious()
    text = (previous.tail if previous is not None else parent.text) or ""
    if not text.strip() and previous is not None and previous.tag != "a":
        text = previous.text_content()[-40:]
    return squash(text)[-40:]


def _own_article(head: Head) -> html.HtmlElement | None:
    """The ``article`` element of the page's own headline; None when the page does not use them so."""
    for heading in head.tree.iter("h1"):
        for ancestor in heading.iterancestors("article"):
            return ancestor
    articles = list(head.tree.iter("article"))
    return articles[0] if len(articles) == 1 else None


def _belongs(link: html.HtmlElement, own: html.HtmlElement | None) -> bool:
    """Whether a link stands with the article, and not in a menu, a sidebar, a footer, or another story's teaser."""
    inside = False
    for ancestor in link.iterancestors():
        if ancestor is own:
            inside = True
            break
        if ancestor.tag in ("nav", "aside") or (ancestor.tag == "article" and own is not None):
            return False
        names = f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"
        if ancestor.tag not in ("body", "html", "main") and ELSEWHERE.search(names):
            return False
        if ancestor.tag in ("li", "article", "div") and _is_teaser(ancestor, link):
            return False
        if ancestor.tag == "footer" and own is None and ancestor.getparent() is not None:
            inside = ancestor.getparent().tag != "body"
    return inside or own is None or not _in_page_footer(link)


def _is_teaser(box: html.HtmlElement, link: html.HtmlElement) -> bool:
    """Whether a box leads to another story: it has one heading within a link, or with a link in it.

    A box with several is a list of teasers, each of which is a box of its own, and one with a whole text an article
    that ends with such a list.
    """
    if box.tag == "div" and box.find(".//h1") is not None:
        return False
    found = 0
    for heading in box.iter("h2", "h3", "h4"):
        linked = heading.find(".//a")
        inside = linked if linked is not None else next(iter(heading.iterancestors("a")), None)
        # "Leave a Reply Cancel reply" is a heading with a link in it, and leads nowhere.
        said = linked if linked is not None else heading
        if inside is not None and inside is not link and len(squash(said.text_content()).split()) >= HEADLINE_WORDS:
            found += 1
    return found == 1 and len(box.text_content().split()) <= TEASER_WORDS


def _in_page_footer(link: html.HtmlElement) -> bool:
    return any(
        a.tag in ("footer", "header") and (p := a.getparent()) is not None and p.tag == "body"
        for a in link.iterancestors()
    )
