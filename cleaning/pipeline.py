"""The main path: a raw page (or a text extracted by another scraper) becomes an article or a rejection."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from cleaning import quality
from cleaning.boilerplate.rules import RuleSet
from cleaning.boilerplate.site_templates import SiteTemplates
from cleaning.boilerplate.strip import Stripped, is_truncated, strip
from cleaning.boilerplate.structure import title_like
from cleaning.extract import Extraction, era_of, extract
from cleaning.language import language_of
from cleaning.lines import LINK_SHARE, join, lines_of
from cleaning.metadata.agency import find_agency
from cleaning.metadata.date_parsing import ParsedDate
from cleaning.metadata.dates import Dates
from cleaning.metadata.reader import NO_RIGHTS, Metadata, read_metadata
from cleaning.page import PageError, parse
from cleaning.page_kind import PageKind, read_kind
from cleaning.records import Article, Cleaned, Confidence, RawPage, RawText, Rejection, SourceFacts
from cleaning.rejection import reject
from cleaning.rights.page_signals import Declared
from cleaning.rights.reader import license_of, read_signals
from cleaning.text import key, text_hash, word_count
from cleaning.urls import article_id, canonical_url, host_of

# id suffix of the rules that remove a paywall notice
PAYWALL_RULE = "/paywall-notice"
# flag of a text in a language that the source's catalogue entry does not name
OTHER_LANGUAGE = "other-language"
# A date that is not the page's own word: lists and static pages have one in sitemaps too.
OUTSIDE_DATES = frozenset({"feed", "sitemap", "url", "none"})


def clean(
    page: RawPage, source: SourceFacts, rules: RuleSet, templates: SiteTemplates | None = None, *, fast: bool = False
) -> Cleaned:
    """Clean a fetched page. Never raises for a bad page: what cannot be an article is returned as a Rejection.

    The article is considered alone here: ``cluster_id`` is its own id, ``revision`` is 1; de-duplication decides later.

    Args:
        page: the response, with its bytes as served.
        source: what is known about the site; ``SourceFacts(name)`` fits an unknown one.
        rules: boilerplate rules, from ``load_rules()``; load them once and reuse them.
        templates: what the site repeats from story to story, learnt from its other pages; None if unknown.
        fast: consult trafilatura only if the block model is unsure: for bulk backfills.

    Returns:
        An article or a rejection, and every line that was removed. ``seconds`` is 0: cleaning knows no clock.

    Raises:
        TypeError: ``page.fetched_at`` is not timezone-aware.
    """
    verdict = quality.judge_status(page.status)
    if verdict is not None:
        return Cleaned(_reject(page, rules, verdict), signals=read_signals(page, Declared()))
    try:
        parsed = parse(page.body, page.content_type)
    except PageError as error:
        rejection = _reject(page, rules, quality.Verdict(error.reason, error.detail))
        return Cleaned(rejection, signals=read_signals(page, Declared()))
    meta = read_metadata(page, parsed.tree, source)
    kind = read_kind(parsed.tree, page.url, meta.canonical, meta.page_types, is_article=meta.is_article)
    published = meta.dates.published.local_date if meta.dates.published else page.fetched_at.date()
    extraction = extract(parsed.tree, era_of(source.eras, published), fast=fast)
    body = join(line.text for n, line in enumerate(extraction.lines) if n not in extraction.taken)
    language = language_of(body, meta.stated_language)
    stripped = strip(
        extraction.lines,
        rules.matcher(language or meta.stated_language),
        title=meta.title,
        authors=meta.authors,
        markup=True,
        taken=extraction.taken,
        extra=templates.decide(meta.canonical or canonical_url(page.url)) if templates else None,
    )
    text = join(line.text for line in stripped.kept)
    words = sum(line.words for line in stripped.kept)
    facts = _facts(page, source, meta, kind, extraction, stripped, text, words, language)
    if templates:
        facts = replace(facts, teasers=templates.teasers(meta.canonical or canonical_url(page.url), stripped.kept))
    verdict = quality.judge(facts)
    if verdict is not None:
        return Cleaned(
            _reject(page, rules, verdict, meta, words), stripped.removals, found=text, signals=meta.rights.signals
        )
    foreign = quality.is_other_language(language, source.languages, words)
    doubts = (OTHER_LANGUAGE,) * foreign + ("low-confidence",) * quality.is_doubtful(extraction.confidence, source)
    flags = tuple(dict.fromkeys(parsed.flags + meta.dates.flags + extraction.flags + doubts))
    article = _article(page, rules, meta, text, words, language, extraction.extractor, flags)
    article = replace(
        article,
        is_truncated=is_truncated(stripped, text),
        text_confidence=extraction.confidence,
        agency=find_agency(text, meta.authors, [r.text for r in stripped.removals]),
        origins=_origins(meta),
    )
    return Cleaned(article, stripped.removals, signals=meta.rights.signals)


def _origins(meta: Metadata) -> tuple[str, ...]:
    """Where each value was found, by the name of its column."""
    origins = {
        "title": meta.title_source,
        "authors": meta.authors_source,
        "section": meta.topics.section_source,
        "tags": meta.topics.tags_source,
    }
    return tuple(f"{name}:{origin}" for name, origin in origins.items() if origin != "none")


def _facts(
    page: RawPage,
    source: SourceFacts,
    meta: Metadata,
    kind: PageKind,
    extraction: Extraction,
    stripped: Stripped,
    text: str,
    words: int,
    language: str | None,
) -> quality.Facts:
    seen = extraction.seen
    return quality.Facts(
        url=page.url,
        title=meta.title or meta.head_title or "",
        opening=text[:500],
        words=words,
        prose=sum(line.words for line in stripped.kept if line.link_density < LINK_SHARE),
        language=language,
        languages=source.languages if source.reject_other_languages else (),
        minimum=source.min_words,
        types=meta.page_types,
        has_article_data=meta.is_article,
        paywalled=meta.rights.paywalled,
        paywall_notice=any(removal.rule.endswith(PAYWALL_RULE) for removal in stripped.removals),
        captions=seen.captions,
        caption_words=seen.caption_words,
        headline_links=seen.headline_links,
        link_words=seen.link_words,
        times=seen.times,
        kind=kind,
        card_words=sum(line.words for line in stripped.kept if kind.in_cards(line.key)) if kind.cards else 0,
        complete=_is_complete(stripped, text, meta.description),
        dated=meta.dates.published is not None and meta.dates.source not in OUTSIDE_DATES,
        via=page.hints.via or "",
    )


def _is_complete(stripped: Stripped, text: str, description: str | None) -> bool:
    """Whether a text has the form of a whole report, however short: see :class:`cleaning.quality.Facts`."""
    prose = [line for line in stripped.kept if line.is_prose]
    said, told = key(text), key(description or "")
    return len(prose) > 1 and stripped.kept[-1].ends_sentence and not told.startswith(said)


def _article(
    page: RawPage | RawText,
    rules: RuleSet,
    meta: Metadata,
    text: str,
    words: int,
    language: str | None,
    extractor: str,
    flags: tuple[str, ...] = (),
) -> Article:
    canonical = meta.canonical or canonical_url(page.url or "")
    identity = article_id(canonical)
    published = meta.dates.published
    return Article(
        article_id=identity,
        revision=1,
        url=page.url or "",
        canonical_url=canonical,
        source=page.source,
        host=host_of(canonical),
        title=meta.title,
        authors=meta.authors,
        published_at=published.at if published else None,
        modified_at=meta.dates.modified,
        fetched_at=page.fetched_at,
        published_offset=published.offset if published else None,
        published_date=(published.at if published else page.fetched_at.astimezone(UTC)).date(),
        date_source=meta.dates.source,
        date_confidence=meta.dates.confidence,
        language=language,
        section=meta.topics.section,
        tags=meta.topics.tags,
        description=meta.description,
        image_url=meta.image_url,
        site_name=meta.site_name,
        text=text,
        word_count=words,
        text_hash=text_hash(text),
        cluster_id=identity,
        is_paywalled=meta.rights.paywalled,
        is_truncated=False,
        training_opt_out=meta.rights.opted_out,
        flags=flags,
        extractor=extractor,
        rules_version=rules.version,
        run_id=page.run_id,
        raw_file=page.raw_file,
        raw_offset=page.raw_offset,
        license=meta.rights.license,
        rights=meta.rights.allowed,
    )


def _reject(
    page: RawPage | RawText, rules: RuleSet, verdict: quality.Verdict, meta: Metadata | None = None, words: int = 0
) -> Rejection:
    known = meta or Metadata()
    return reject(
        page, verdict.reason, verdict.detail, rules.version, canonical=known.canonical, title=known.title, words=words
    )


def clean_text(text: RawText, source: SourceFacts, rules: RuleSet, templates: SiteTemplates | None = None) -> Cleaned:
    """Clean a text extracted by another scraper: line rules and the form of the text decide; there is no markup.

    If no title is known, the first line that reads like one is the title.

    Args:
        text: the text, its paragraphs separated by line breaks, and what is known about it.
        source: what is known about the site; ``SourceFacts(name)`` fits an unknown one.
        rules: boilerplate rules, from ``load_rules()``; load them once and reuse them.
        templates: what the site repeats from story to story; None if unknown.

    Returns:
        An article, or a rejection of a text with fewer words than an article needs; and every line that was removed.
    """
    lines = lines_of(text.text)
    language = text.language or language_of(text.text)
    matcher = rules.matcher(language)
    title = text.title or next(
        (line.text for line in lines[:4] if matcher.match(line.text) is None and title_like(line)), ""
    )
    canonical = canonical_url(text.url) if text.url else text.raw_file
    decide = templates.decide(canonical) if templates else None
    stripped = strip(lines, matcher, title=title, markup=False, extra=decide)
    body = join(line.text for line in stripped.kept)
    least = source.min_words if source.min_words is not None else quality.figures().words["minimum"]
    verdict = quality.too_short(word_count(body), least)
    if verdict is not None:
        return Cleaned(_reject(text, rules, verdict, words=word_count(body)), stripped.removals, found=body)
    rights = replace(NO_RIGHTS, license=license_of(source.license, ()))
    meta = Metadata(title=title, authors=text.authors, dates=_dates(text), canonical=canonical, rights=rights)
    article = _article(text, rules, meta, body, word_count(body), language_of(body) or language, "text")
    agency = find_agency(body, text.authors, [r.text for r in stripped.removals])
    return Cleaned(replace(article, agency=agency), stripped.removals)


def _dates(text: RawText) -> Dates:
    """The date that came with a text, unless it is after its fetch."""
    if text.published is None or text.published > text.fetched_at:
        return Dates()
    at, offset = text.published.astimezone(UTC), text.published.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else None
    return Dates(ParsedDate(at, minutes, True, text.published.date()), None, "feed", Confidence.MEDIUM)
