# ruff: noqa: E501 — a page is one line
"""Headline, authors, dates, rights: which statement of a page is believed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cleaning.language import language_of, primary
from cleaning.metadata.date_parsing import zone
from cleaning.metadata.reader import Metadata, read_metadata
from cleaning.metadata.titles import strip_site
from cleaning.page import parse
from cleaning.records import Hints, SourceFacts
from tests.cleaning.pages import FETCHED, page

PAGE = "<html><head>{head}</head><body>{body}</body></html>"


def read(
    head: str = "", body: str = "", url: str = "https://www.example.com/a/b", source: str = "UTC", **facts: object
) -> Metadata:
    html = PAGE.format(head=head, body=body)
    facts_of_source = SourceFacts("example", timezone=source, site_names=("The Example",))
    return read_metadata(page(html, url=url, **facts), parse(html.encode()).tree, facts_of_source)


def ld(fields: str, kind: str = "NewsArticle") -> str:
    return f'<script type="application/ld+json">{{"@type": "{kind}", {fields}}}</script>'


@pytest.mark.parametrize(
    ("head", "body", "title", "source"),
    [
        (ld('"headline": "Ferry &amp; piano"') + "<title>Boat</title>", "<h1>Boat</h1>", "Ferry & piano", "json-ld"),
        ("<title>Ferry returns | The Example</title>", "<h1>Ferry returns</h1>", "Ferry returns", "h1"),
        ("<title>Ferry returns to the islands - The Example</title>", "", "Ferry returns to the islands", "title"),
        ('<meta property="og:title" content="Ferry returns to islands">', '<h1><a href="/">The Valley</a></h1>', "Ferry returns to islands", "meta"),
        ('<meta property="og:title" content="The ferry returns after years">', "<h1>Islands: The ferry returns after years</h1>", "The ferry returns after years", "h1"),
        ("<title>Islands: The ferry returns | The Example</title>", "<h1><span>Islands</span><i> - </i><span>The ferry returns</span></h1>", "The ferry returns", "h1"),
        ("<title>Islands: The ferry returns | The Example</title>", "<h1><span>Islands</span><i>: </i><span>The ferry returns</span></h1>", "Islands: The ferry returns", "h1"),
        (ld('"headline": "Ferry back: routes, prices, hens"') + "<title>Ferry back: routes, prices, hens</title>" + '<meta property="og:title" content="The ferry returns with hens">', "<h1>The ferry returns with hens</h1>", "The ferry returns with hens", "h1"),
        (ld('"headline": "Ferry returns with hens (and"') + "<title>Ferry returns with hens (and a piano)</title>", "", "Ferry returns with hens (and a piano)", "json-ld"),
        (ld('"headline": "Ferry returns with hens | Islands"') + '<meta property="og:title" content="Ferry returns with hens">', "", "Ferry returns with hens", "json-ld"),
        ("", "", "", "none"),
    ],
)  # fmt: skip
def test_the_headline_is_chosen_among_the_statements_of_a_page(head: str, body: str, title: str, source: str) -> None:
    found = read(head, body)
    assert (found.title, found.title_source) == (title, source)


def test_a_dash_of_the_headline_itself_stays() -> None:
    assert strip_site("섬으로 가는 배가 다시 떠났다-사회ㅣ항구일보", ["항구일보"]) == "섬으로 가는 배가 다시 떠났다"
    assert strip_site("The ferry is back for a check-up | Example", ["Example"]) == "The ferry is back for a check-up"
    assert strip_site("Ferry returns – with two hundred hens and a piano - Example.com", ["example.com"]) == (
        "Ferry returns – with two hundred hens and a piano"
    )


@pytest.mark.parametrize(
    ("head", "body", "authors"),
    [
        (ld('"author": {"@type": "Person", "name": "By Jane Doe"}'), "", ("Jane Doe",)),
        (
            ld('"author": [{"name": "Jane Doe"}, {"givenName": "Ola", "familyName": "Berg"}]'),
            "",
            ("Jane Doe", "Ola Berg"),
        ),
        (ld('"author": "Jane Doe, Ola Berg and Mia Holt"'), "", ("Jane Doe", "Ola Berg", "Mia Holt")),
        (ld('"author": {"@id": "#j"}') + ld('"@id": "#j", "name": "Jane Doe"', "Person"), "", ("Jane Doe",)),
        (
            '<meta name="author" content="https://facebook.com/x"><meta name="author" content="Jane Doe (jd)">',
            "",
            ("Jane Doe",),
        ),
        (
            '<meta name="author" content="The Example">',
            '<p class="byline">By <b>Jane Doe</b>, political editor</p>',
            ("Jane Doe",),
        ),
        ("", '<a rel="author">Jane Doe</a><div class="comment"><a rel="author">Troll One</a></div>', ("Jane Doe",)),
        ("", '<p class="byline">Von Anne-Marie Muster und Ola Berg</p>', ("Anne-Marie Muster", "Ola Berg")),
        (ld('"author": {"@type": "Organization", "name": "North Press Agency"}'), "", ("North Press Agency",)),
        ('<meta name="author" content="admin">', "", ()),
        ("", "", ()),
    ],
)
def test_authors_are_names_and_nothing_around_them(head: str, body: str, authors: tuple[str, ...]) -> None:
    assert read(head, body).authors == authors


NINE = datetime(2024, 5, 13, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "body", "facts", "at", "source", "confidence"),
    [
        (ld('"datePublished": "2024-05-13T09:30:00+02:00"'), "", {}, NINE, "json-ld", "high"),
        ('<meta property="article:published_time" content="2024-05-13T07:30:00Z">', "", {}, NINE, "meta", "high"),
        ('<meta itemprop="datePublished" content="2024-05-13">', "", {}, NINE.replace(hour=0, minute=0), "meta", "medium"),
        (ld('"uploadDate": "2024-05-13T07:30:00Z"', "VideoObject"), "", {}, NINE, "json-ld", "high"),
        ("", '<time class="updated" datetime="2024-05-14T01:00Z"></time><time class="published" datetime="2024-05-13T07:30Z">', {}, NINE, "time-element", "high"),
        ("", "<p>x</p>", {"hints": Hints(published=NINE)}, NINE, "feed", "medium"),
        ("", "<p>x</p>", {"url": "https://www.example.com/2024/05/13/b"}, NINE.replace(hour=0, minute=0), "url", "low"),
    ],
)  # fmt: skip
def test_the_most_trusted_date_counts(
    head: str, body: str, facts: dict[str, object], at: datetime, source: str, confidence: str
) -> None:
    dates = read(head, body, **facts).dates  # type: ignore[arg-type]
    assert dates.published is not None
    assert (dates.published.at, dates.source, dates.confidence) == (at, source, confidence)


def test_the_zone_of_the_source_counts_where_the_page_states_none() -> None:
    found = read(
        '<meta property="article:published_time" content="2024-05-13 09:30">', source="Europe/Oslo"
    ).dates.published
    assert found is not None
    assert (found.at, found.offset) == (NINE, None)
    assert zone("No/Such") is UTC


def test_a_future_date_is_dropped_and_the_next_statement_counts() -> None:
    head = (
        ld('"datePublished": "2024-07-01T00:00:00Z"')
        + '<meta property="article:published_time" content="2024-05-13T07:30:00Z">'
    )
    dates = read(head).dates
    assert dates.published is not None
    assert (dates.published.at, dates.flags) == (NINE, ("future-date",))


def test_a_clock_that_is_minutes_ahead_never_makes_a_row_younger_than_its_fetch() -> None:
    ahead = (FETCHED + timedelta(minutes=3)).astimezone(timezone(timedelta(hours=2))).isoformat()
    found = read(ld(f'"datePublished": "{ahead}"')).dates.published
    assert found is not None
    assert found.at == FETCHED


@pytest.mark.parametrize(
    ("stated", "modified"),
    [
        ("2024-05-13T07:29:59Z", None),
        ("2024-05-13T07:30:00Z", NINE),
        ("2024-05-13T10:30:00+02:00", NINE + timedelta(hours=1)),
        ("2024-05-13T09:00:00+02:00", None),  # 07:00 UTC, though its clock shows a later time
    ],
)
def test_a_change_before_the_publication_is_no_change(stated: str, modified: datetime | None) -> None:
    dates = read(ld(f'"datePublished": "2024-05-13T07:30:00Z", "dateModified": "{stated}"')).dates
    assert dates.published is not None
    assert (dates.published.at, dates.modified) == (NINE, modified)


def test_a_change_is_dated_by_feed_or_sitemap_where_the_page_does_not_and_never_after_the_fetch() -> None:
    later, listed = NINE + timedelta(hours=2), Hints(modified=NINE + timedelta(hours=1))
    assert read(ld('"datePublished": "2024-05-13T07:30:00Z"'), hints=listed).dates.modified == listed.modified
    stated = ld(f'"datePublished": "2024-05-13T07:30:00Z", "dateModified": "{later.isoformat()}"')
    assert read(stated, hints=listed).dates.modified == later
    ahead = Hints(modified=FETCHED + timedelta(days=1))
    assert read(ld('"datePublished": "2024-05-13T07:30:00Z"'), hints=ahead).dates.modified is None


def test_broken_json_ld_harms_nothing() -> None:
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", broken</script><title>Ferry returns today</title>'
    )
    assert read(head).title == "Ferry returns today"
    forgiving = (
        '<script type="application/ld+json"><!-- {"@type": "NewsArticle", "headline": "Line\nbreak",} --></script>'
    )
    assert read(forgiving).title == "Line break"


def test_a_hidden_tier_or_flag_tells_of_a_paywall() -> None:
    assert read(ld('"isAccessibleForFree": "False"')).rights.paywalled
    assert read('<meta property="article:content_tier" content="locked">').rights.paywalled
    assert not read(ld('"isAccessibleForFree": true')).rights.paywalled


def test_language_is_told_by_the_text() -> None:
    assert language_of("Das Schiff verließ den Hafen am Montag mit vier Fahrgästen und einem Klavier an Bord.") == "de"
    assert language_of("港を出た船には四人の乗客とピアノが載っていた。誰も予想していなかった。") == "ja"
    assert language_of("新的渡轮星期一早晨离开码头，船上有四名乘客和一架钢琴。") == "zh"
    assert language_of("OK") is None
    assert (primary("nb-NO"), primary("DE_at"), primary("x-default?")) == ("no", "de", None)
