"""The page that explains a cleaning: complete, harmless, readable, and the same each time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from lxml import html

from cleaning.boilerplate.rules import RuleSet, load_rules
from cleaning.explain.html import POLICY, explain_html
from cleaning.explain.lines import LineStatus, account
from cleaning.pipeline import clean, clean_text
from cleaning.records import Article, Cleaned, RawPage, RawText, Removal, SourceFacts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WHEN = datetime(2026, 7, 20, 8, 30, tzinfo=UTC)
SITE = SourceFacts("harbor")
PARAGRAPHS = [
    "The harbour council voted on Monday to rebuild the eastern quay, which has been closed since the flood in March.",
    "Engineers expect the work to take two years, and the ferries will leave from the old fish market until then.",
    "Residents asked for a wall that is high enough for the storms that the forecasts promise for the coming winters.",
    "The mayor said that the money comes from the state, and that no tax will be raised for it before the election.",
]
EVENTS = (
    "<img src='http://evil.localhost/pixel.png' onerror='window.hacked=1'>"
    "<svg onload='window.hacked=2'></svg><iframe src='http://evil.localhost/frame'></iframe>"
    "<a href='javascript:window.hacked=3'>Read the council's minutes</a>"
)
ATTACKS = [
    "&lt;script&gt;window.hacked=4&lt;/script&gt; is what the tender document said in its footer, to our surprise.",
    "&lt;/textarea&gt;&lt;/style&gt;&lt;/title&gt;--&gt;&lt;svg onload=window.hacked=5&gt; stood in the second tender.",
    "The sum was given as {{7*7}} and as {% raw %}{{ config }}{% endraw %} million, which no one could explain at all.",
    "The contract is signed by \u202egnp.exe\u202c and by \u2066two hidden names\u2069, the council's lawyer told us.",
    "'\"&gt;&lt;img src=x onerror=window.hacked=6&gt; was the name of the bidder, according to the council's register.",
]
LONG = "harbour " * 125_000


def page_of(body: str, *, head: str = "", title: str = "Council votes to rebuild the eastern quay") -> RawPage:
    markup = (
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body>"
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/city'>City</a></li></ul></nav>"
        f"<article><h1>{title}</h1>{body}</article><footer><p>Imprint</p></footer></body></html>"
    )
    return RawPage(
        "http://harbor.localhost/2026/quay", "harbor", markup.encode(), WHEN, "run", "raw/a.warc.gz", 0,
        content_type="text/html; charset=utf-8",
    )  # fmt: skip


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


@cache
def rules() -> RuleSet:
    return load_rules()


def cleaned_of(page: RawPage) -> Cleaned:
    return clean(page, SITE, rules())


def tree_of(shown: str) -> html.HtmlElement:
    return cast("html.HtmlElement", html.document_fromstring(shown))


def links_of(shown: str) -> set[str]:
    """Where the page links to, outside itself."""
    hrefs = {str(element.get("href")) for element in tree_of(shown).iter() if element.get("href")}
    return {href for href in hrefs if not href.startswith("#")}


def answer(page: RawPage, text: list[str], removals: tuple[Removal, ...]) -> Cleaned:
    """A cleaning with an answer that the test knows."""
    cleaned = cleaned_of(page)
    assert isinstance(cleaned.result, Article)
    return Cleaned(replace(cleaned.result, text="\n\n".join(text)), removals)


@cache
def hostile() -> tuple[RawPage, Cleaned]:
    head = (
        "<script>window.hacked=7</script><meta http-equiv=refresh content='0;url=http://evil.localhost/'>"
        "<meta name=description content='&lt;/dd&gt;&lt;script&gt;window.hacked=8&lt;/script&gt;'>"
        "<meta property=og:image content='javascript:window.hacked=9'>"
    )
    page = page_of(
        paragraphs(*PARAGRAPHS, *ATTACKS) + EVENTS + f"<p>{LONG}</p>",
        head=head,
        title="&lt;script&gt;window.hacked=10&lt;/script&gt; council votes {{7*7}} to rebuild",
    )
    cleaned = cleaned_of(page)
    assert isinstance(cleaned.result, Article)
    removal = Removal(3, "Read the council's minutes", "<b onclick=window.hacked=11>", "{{7*7}}<script>1</script>", 0.5)
    return page, replace(cleaned, removals=(*cleaned.removals, removal))


def sample() -> tuple[RawPage, Cleaned]:
    page = page_of(
        paragraphs(PARAGRAPHS[0], "Share this story", PARAGRAPHS[1] + " Sign up for our newsletter.", "Read more: Fog")
        + "<ul><li>Ferry times</li><li>Crane falls into the old harbour basin</li></ul>"
        + paragraphs(*PARAGRAPHS[2:])
    )
    removals = (
        Removal(1, "Share this story", "en/share", "Buttons to share the page."),
        Removal(2, "Sign up for our newsletter.", "en/newsletter", "A sign-up form."),
        Removal(3, "Read more: Fog", "en/read-more", "A link to another story."),
        Removal(5, "Crane falls into the old harbour basin", "model/boilerplate", "The block model took it.", 0.87),
    )
    return page, answer(page, PARAGRAPHS, removals)


def test_each_line_of_the_page_has_its_fate_in_order() -> None:
    told = account(*sample())
    fates = [(line.stretches[0].text, [stretch.fate for stretch in line.stretches]) for line in told.lines]
    assert fates == [
        ("Home", [LineStatus.LEFT]),
        ("City", [LineStatus.LEFT]),
        ("Council votes to rebuild the eastern quay", [LineStatus.TITLE]),
        (PARAGRAPHS[0], [LineStatus.KEPT]),
        ("Share this story", [LineStatus.REMOVED]),
        (PARAGRAPHS[1], [LineStatus.KEPT, LineStatus.REMOVED]),
        ("Read more: Fog", [LineStatus.REMOVED]),
        ("Ferry times", [LineStatus.LEFT]),
        ("Crane falls into the old harbour basin", [LineStatus.REMOVED]),
        (PARAGRAPHS[2], [LineStatus.KEPT]),
        (PARAGRAPHS[3], [LineStatus.KEPT]),
        ("Imprint", [LineStatus.LEFT]),
    ]
    assert told.elsewhere == ()


def test_of_two_equal_lines_the_one_beside_the_text_is_the_removed_one() -> None:
    page = page_of(paragraphs("Share", *PARAGRAPHS[:2], "Share", PARAGRAPHS[2]) + "<aside><p>Share</p></aside>")
    told = account(page, answer(page, PARAGRAPHS[:3], (Removal(2, "Share", "en/share", "why"),)))
    texts = [line.stretches[0].text for line in told.lines]
    assert texts.count("Share") == 3
    assert [n for n, line in enumerate(told.lines) if line.fate is LineStatus.REMOVED] == [texts.index("Share")]
    with_anchor = (Removal(1, PARAGRAPHS[1], "en/other", "why"), Removal(2, "Share", "en/share", "why"))
    told = account(page, answer(page, [PARAGRAPHS[0], PARAGRAPHS[2]], with_anchor))
    assert told.lines[texts.index(PARAGRAPHS[1]) + 1].fate is LineStatus.REMOVED


def test_lines_that_one_paragraph_joins_are_all_kept_and_what_no_line_holds_is_told() -> None:
    page = page_of(paragraphs(*PARAGRAPHS[:2]) + "<ul><li>Storm wall to be higher</li><li>Ferries move</li></ul>")
    told = account(page, answer(page, [*PARAGRAPHS[:2], "- Storm wall to be higher - Ferries move"], ()))
    assert [line.fate for line in told.lines if line.kind == "list-item"][-2:] == [LineStatus.KEPT, LineStatus.KEPT]
    removal = Removal(9, "Words that the page never had", "template/site-line", "why")
    told = account(page, answer(page, PARAGRAPHS[:2], (removal,)))
    assert [stretch.removal for stretch in told.elsewhere] == [removal]


def test_nothing_that_was_extracted_is_missing_from_the_page() -> None:
    page, cleaned = sample()
    assert isinstance(cleaned.result, Article)
    shown = tree_of(explain_html(page, cleaned)).find_class("original")[0].text_content()
    for text in (*PARAGRAPHS, *(removal.text for removal in cleaned.removals)):
        assert " ".join(text.split()) in " ".join(shown.split())


def test_the_legend_names_each_rule_with_why_count_and_probability() -> None:
    tree = tree_of(explain_html(*sample()))
    legend = {label.findtext("b"): " ".join(label.text_content().split()) for label in tree.iter("label")}
    assert legend["model/boilerplate"] == (
        "model/boilerplate1 The block model took it. Probability of boilerplate: 87%."
    )
    assert legend["en/share"] == "en/share1 Buttons to share the page."
    colours = {label.get("class") for label in tree.iter("label") if "removed" in (label.get("class") or "")}
    assert len(colours) == 4


def test_a_reason_that_differs_in_its_figures_is_told_without_them() -> None:
    page, cleaned = sample()
    removals = tuple(Removal(n, f"Line {n}", "en/share", f"Looks like it (score {n}).") for n in (7, 8))
    tree = tree_of(explain_html(page, replace(cleaned, removals=removals)))
    assert [small.text_content().strip() for small in tree.iter("small")][-1] == "Looks like it."


def test_an_article_tells_where_its_date_came_from() -> None:
    page = page_of(
        paragraphs(*PARAGRAPHS),
        head="<script type='application/ld+json'>"
        '{"@type": "NewsArticle", "datePublished": "2026-07-20T08:15:00+02:00"}</script>',
    )
    shown = " ".join(tree_of(explain_html(page, cleaned_of(page))).text_content().split())
    assert "2026-07-20 08:15 +0200 (2026-07-20 06:15 UTC), from the page's JSON-LD (high confidence)" in shown


@pytest.mark.parametrize(
    "body", [b"", b"%PDF-1.7 binary", b"<html>" + b"<div>" * 10_000, b"<html><p>Too short.</p></html>"]
)
def test_a_rejection_shows_its_reason_and_evidence(body: bytes) -> None:
    page = replace(page_of(""), body=body)
    cleaned = cleaned_of(page)
    assert not isinstance(cleaned.result, Article)
    shown = explain_html(page, cleaned)
    tree = tree_of(shown)
    assert tree.find_class("badge")[0].text == f"Rejected: {cleaned.result.reason}"
    assert tree.find_class("evidence")[0].text_content() == cleaned.result.detail


def test_a_text_without_markup_is_explained_too() -> None:
    text = RawText("\n\n".join(["Quay to be rebuilt", *PARAGRAPHS]), "harbor", WHEN, "pages/quay.txt")
    shown = explain_html(text, clean_text(text, SITE, rules()))
    for paragraph in PARAGRAPHS:
        assert shown.count(paragraph.replace("'", "&#39;")) == 2


def test_the_same_cleaning_gives_the_same_page() -> None:
    assert explain_html(*hostile()) == explain_html(*hostile())


def test_a_hostile_page_leaves_nothing_but_text() -> None:
    shown = explain_html(*hostile())
    tree = tree_of(shown)
    elements = list(tree.iter())
    tags = {element.tag for element in elements}
    assert not tags & {"script", "img", "svg", "iframe", "object", "embed", "link", "form", "textarea", "base"}
    names = {str(name) for element in elements for name in element.attrib}
    assert not {name for name in names if name.startswith("on") or name in ("src", "srcset", "action", "ping")}
    assert links_of(shown) == {"http://harbor.localhost/2026/quay"}
    assert [meta.get("content") for meta in tree.iter("meta") if meta.get("http-equiv")] == [POLICY]
    assert "{{7*7}}" in shown
    assert "[U+202E]gnp.exe[U+202C]" in shown
    assert not set("\u202e\u202c\u2066\u2069") & set(shown)


def test_an_address_that_is_no_web_address_is_no_link() -> None:
    page, cleaned = sample()
    bad = replace(cleaned, result=replace(cleaned.result, url="javascript:window.hacked=1"))
    assert links_of(explain_html(page, bad)) == set()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("NOT TESTED in a browser: no Chromium on PATH (Debian: apt install chromium)")
    api = pytest.importorskip("playwright.sync_api", reason="NOT TESTED in a browser: playwright is not installed")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield launched
        launched.close()


def opened(browser: Browser, file: Path, *, width: int = 1200, dark: bool = False) -> tuple[Page, list[str], list[str]]:
    """The page in a browser; the addresses that it asked for, and what it complained of or popped up."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", offline=True
    )
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri())
    return page, asked, said


def written(folder: Path, shown: str) -> Path:
    file = folder / "explain.html"
    file.write_text(shown, encoding="utf-8")
    return file


@pytest.mark.browser
def test_in_a_browser_a_hostile_page_runs_nothing_and_loads_nothing(browser: Browser, tmp_path: Path) -> None:
    file = written(tmp_path, explain_html(*hostile()))
    page, asked, said = opened(browser, file)
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None
    assert asked == [file.as_uri()]
    assert said == []
    text = page.locator("main").inner_text()
    for shown in (
        "<script>window.hacked=4</script>",
        "</textarea></style></title>--><svg onload=window.hacked=5>",
        "{{7*7}} and as {% raw %}{{ config }}{% endraw %}",
        "[U+202E]gnp.exe",
        LONG.strip(),
    ):
        assert shown in text
    assert "<script>window.hacked=10</script>" in page.locator("h1").inner_text()
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
def test_in_a_browser_every_text_has_contrast(browser: Browser, tmp_path: Path, dark: bool) -> None:
    page, cleaned = sample()
    many = tuple(Removal(20 + n, f"Line number {n}", f"en/rule-{n:02}", "why", n / 12) for n in range(12))
    file = written(tmp_path, explain_html(page, replace(cleaned, removals=cleaned.removals + many)))
    tab, _, _ = opened(browser, file, dark=dark)
    # WCAG 2.2, 1.4.3: contrast of 4.5; the canvas resolves any CSS colour to sRGB
    worst = tab.evaluate(
        """() => {
        const context = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
        const rgba = colour => {
          context.clearRect(0, 0, 1, 1); context.fillStyle = colour; context.fillRect(0, 0, 1, 1);
          return [...context.getImageData(0, 0, 1, 1).data];
        };
        const light = colour => {
          const [r, g, b] = colour.slice(0, 3).map(
            c => c / 255 <= .04045 ? c / 255 / 12.92 : ((c / 255 + .055) / 1.055) ** 2.4);
          return .2126 * r + .7152 * g + .0722 * b;
        };
        const behind = element => {
          for (let e = element; e; e = e.parentElement) {
            const colour = rgba(getComputedStyle(e).backgroundColor);
            if (colour[3] === 255) return colour;
          }
          return [255, 255, 255, 255];
        };
        let worst = [99, ''];
        for (const element of document.querySelectorAll('body *')) {
          if (![...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
          const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
          const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
          if (contrast < worst[0]) worst = [contrast, element.outerHTML.slice(0, 120)];
        }
        return worst;
        }"""
    )
    assert worst[0] >= 4.5, worst
    sides = tab.evaluate(
        "[...document.querySelectorAll('label.removed')].map(e => getComputedStyle(e).borderLeftColor)"
    )
    assert len(sides) == len(set(sides)) == 16
    tab.context.close()


@pytest.mark.browser
def test_in_a_browser_it_is_side_by_side_when_wide_and_stacked_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    file = written(tmp_path, explain_html(*sample()))
    for width, beside in ((1200, True), (400, False)):
        tab, _, _ = opened(browser, file, width=width)
        original, result = (tab.locator(name).bounding_box() for name in (".original", ".result"))
        assert original is not None
        assert result is not None
        assert (result["x"] >= original["x"] + original["width"]) is beside
        assert (result["y"] >= original["y"] + original["height"]) is not beside
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        tab.context.close()


@pytest.mark.browser
def test_in_a_browser_the_filter_shows_the_lines_of_one_rule(browser: Browser, tmp_path: Path) -> None:
    tab, _, _ = opened(browser, written(tmp_path, explain_html(*sample())))
    visible = ".original .line:visible"
    assert tab.locator(visible).count() == 12
    tab.get_by_role("radio", name="en/share").check()
    assert [line.strip() for line in tab.locator(visible).all_inner_texts()] == ["Share this story\nen/share"]
    tab.get_by_role("radio", name="Kept").check()
    assert tab.locator(visible).count() == 4
    tab.get_by_role("radio", name="Everything").check()
    assert tab.locator(visible).count() == 12
    tab.locator("a.part").first.click()
    assert tab.url.endswith("#p0")
    tab.context.close()
