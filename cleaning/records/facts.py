"""What the catalogue tells cleaning about a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LayoutVersion:
    """Facts of a layout, valid for pages published from ``start`` up to but not including ``end``.

    Attributes:
        start: first publication day; None is open.
        end: the day after the last one; None is open.
        body: XPaths; the article's text is below these elements and nowhere else.
        prune: XPaths of elements that are never text.
    """

    start: date | None = None
    end: date | None = None
    body: tuple[str, ...] = ()
    prune: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """The part of a catalogue entry that cleaning may know; the defaults fit an unknown site.

    Attributes:
        name: of the catalogue entry.
        languages: BCP 47 primary subtags; a text in another one is flagged. Empty accepts any.
        timezone: IANA name, for dates without a zone; an unknown name counts as UTC.
        site_names: names of the site, dropped from titles and authors.
        eras: its layout versions, in any order.
        min_words: words that an article needs; None is the default of cleaning/quality.toml.
        reject_other_languages: a text in another language is no article of this source.
        low_confidence: text_confidence below which an article is flagged; None is the default of cleaning/quality.toml.
        license: SPDX id or address; unknown leaves the word to the page.
    """

    name: str
    languages: tuple[str, ...] = ()
    timezone: str = "UTC"
    site_names: tuple[str, ...] = ()
    eras: tuple[LayoutVersion, ...] = ()
    min_words: int | None = None
    reject_other_languages: bool = False
    low_confidence: float | None = None
    license: str = "unknown"
