"""Dates that only a reader sees, and what loading the calendars of all languages would cost."""

from datetime import UTC, date, datetime

import pytest
from dateparser.languages.loader import LocaleDataLoader
from lxml import html

from cleaning.metadata.visible_dates import visible_dates

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)
PROSE = "<p>The ferry of 12 May 1999, which many here remember, left the harbour with four passengers aboard.</p>"


def first(body: str, language: str | None = "en") -> date | None:
    tree = html.document_fromstring(f"<html><head><title>Four aboard</title></head><body>{body}</body></html>")
    found = next(visible_dates(tree, "https://news.example/story", FETCHED, UTC, language), None)
    return found.local_date if found else None


@pytest.mark.parametrize(
    ("dateline", "language"),
    [
        ("Nov 21, 2018", "en"),
        ("Hamburg, 21. November 2018", "de"),
        ("Pressemitteilung vom 21.11.2018 | Berlin", "de"),
        ("21 novembre 2018", "fr"),
        ("21 de noviembre de 2018", "es"),
        ("21 ноября 2018, 13:43", "ru"),
        ("2018년 11월 21일", "ko"),
        ("Updated November 21, 2018", None),
        ("21 November 2018", "xx"),
    ],
)
def test_a_dateline_is_read_in_the_language_of_the_page(dateline: str, language: str | None) -> None:
    assert first(f"<h1>Four aboard</h1>{PROSE}<span>{dateline}</span>{PROSE}", language) == date(2018, 11, 21)


def test_an_element_named_for_its_date_may_hold_more_than_the_date() -> None:
    marked = "<div class='byline'>By Jane Doe of the Harbour Post and John Roe, on 21 November 2018 at noon</div>"
    assert first(PROSE + marked) == date(2018, 11, 21)


def test_a_date_in_prose_or_a_copyright_year_is_none_of_the_page() -> None:
    assert first(PROSE) is None
    assert first(f"{PROSE}<footer>© 2018 The Harbour Post</footer>") is None


def test_strange_dates_do_not_load_the_calendars_of_all_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    locales = LocaleDataLoader.get_locales

    def noted(self: LocaleDataLoader, languages: object = None, *rest: object, **named: object) -> object:
        asked.append(languages)
        return locales(self, languages, *rest, **named)

    monkeypatch.setattr(LocaleDataLoader, "get_locales", noted)
    assert first("<span>32 Floréal 2018</span><time>99 Foobar 2018</time>", None) is None
    assert first("<span>32 Floréal 2018</span><time>99 Foobar 2018</time>", "eo") is None
    assert asked
    assert all(asked)
