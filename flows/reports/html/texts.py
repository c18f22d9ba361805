"""Sections about what the texts are like: filled fields, lengths, removed lines, doubtful texts, copies, revisions."""

from __future__ import annotations

from flows.reports.history.source_days import FIELDS
from flows.reports.html import charts
from flows.reports.html.facts import Facts
from flows.reports.html.section import Cell, Section, Table
from flows.reports.wording import plural, span

RULES = 14
DOUBTFUL = 15
# Below this share a field is coloured as lacking.
WELL_FILLED = 0.5
# Upper bounds in hours of the classes of latency, and their names.
_LATENCY = (
    (1, "1 h"),
    (3, "3 h"),
    (6, "6 h"),
    (12, "12 h"),
    (24, "1 day"),
    (72, "3 days"),
    (168, "1 week"),
    (720, "30 days"),
)


def fields_section(facts: Facts) -> Section:
    """The share of texts that have each field, by source."""
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in FIELDS.values())
    found = facts.rows(f"SELECT source, count(*), {counts} FROM texts GROUP BY source ORDER BY source")
    rows, empty = [], []
    for source, texts, *filled in found:
        cells = []
        for name, value in zip(FIELDS, filled, strict=True):
            share = value / texts
            empty += [f"{name} of {source}"] if share == 0 else []
            is_well = share >= WELL_FILLED
            title = f"{source}: {value} of {texts} texts have {name}"
            cells.append(
                Cell(f"{share:.0%}", share if is_well else 1 - share, "good" if is_well else "bad", title=title)
            )
        rows.append((Cell.of(source), Cell.of(f"{texts:,}"), *cells))
    grid = Table(("source", "texts", *FIELDS), tuple(rows))
    answer = (
        f"Always empty: {', '.join(empty[:6])}{' …' if len(empty) > 6 else ''}."
        if empty
        else "No field is always empty."
    )
    return Section(
        "fields",
        "What the texts carry",
        answer if rows else "No text of these days.",
        grid=grid,
        query="SELECT source, avg((len(authors) > 0)::INT) AS authors FROM 'articles/*/*.parquet' GROUP BY ALL",
    )


def length_section(facts: Facts) -> Section:
    """The lengths of texts, by source."""
    found = facts.rows(
        "SELECT source, quantile_cont(word_count, [.1, .25, .5, .75, .9]), count(*) FROM texts GROUP BY source "
        "ORDER BY median(word_count) DESC, source"
    )
    names, quantiles = [source for source, _, _ in found], [q for _, q, _ in found]
    overall = facts.rows("SELECT median(word_count), count(*) FILTER (WHERE is_truncated) FROM texts")[0]
    cut = plural(overall[1], "text breaks", "texts break")
    sentence = f"Half of the texts have at least {overall[0] or 0:.0f} words; {cut} off."
    drawn = charts.ranges(names, quantiles, "length", "words per text by source", "words per text") if names else None
    rows = [(s, n, *(f"{v:.0f}" for v in q)) for s, q, n in found]
    return Section(
        "length",
        "How long the texts are",
        sentence,
        (("10th to 90th percentile, quartiles, median", drawn),) if drawn else (),
        table=Table.of(("source", "texts", "10 %", "25 %", "50 %", "75 %", "90 %"), rows),
        query="SELECT source, median(word_count) FROM 'articles/*/*.parquet' GROUP BY ALL",
    )


def removals_section(facts: Facts) -> Section:
    """Lines that were taken out, by what took them."""
    found = facts.rows(
        "SELECT rule, count(*), count(DISTINCT article_id), mode(text) FROM removed GROUP BY rule ORDER BY 2 DESC, 1"
    )
    total = sum(n for _, n, _, _ in found)
    by_model = sum(n for rule, n, _, _ in found if rule.startswith("model/"))
    top = found[:RULES]
    kinds = [0 if rule.startswith("model/") else 2 if rule.startswith("template/") else 1 for rule, *_ in top]
    drawn = charts.bars([rule for rule, *_ in top], [n for _, n, *_ in top], kinds, "removed", "removed lines by rule")
    share = f"{by_model / max(total, 1):.0%} of them by the block model, the others by rules and site templates"
    sentence = f"{plural(total, 'line')} were removed from the texts, {share}."
    return Section(
        "removed",
        "What was taken out of the texts",
        sentence,
        (("block model, rules, site templates", drawn),) if top else (),
        table=Table.of(("rule", "lines", "texts", "the commonest line"), found),
        query="SELECT article_id, rule, text FROM 'removals/*/*.parquet' WHERE rule = 'model/boilerplate'",
    )


def doubtful_section(facts: Facts) -> Section:
    """The texts with the lowest confidence, first to look at."""
    low = facts.rows(
        "SELECT count(*) FILTER (WHERE list_contains(flags, 'low-confidence')), avg(text_confidence) FROM texts"
    )[0]
    found = facts.rows(
        "SELECT text_confidence, source, title, url, article_id, flags FROM texts WHERE text_confidence IS NOT NULL "
        f"ORDER BY text_confidence, article_id LIMIT {DOUBTFUL}"
    )
    rows = [
        (
            Cell(f"{c:.2f}", 1 - c, "bad"),
            source,
            Cell.page(url, title),
            f"newsmill inspect {identity}",
        )
        for c, source, title, url, identity, _ in found
    ]
    average = f"; {low[1]:.3f} is expected on average" if low[1] is not None else ""
    return Section(
        "doubtful",
        "Doubtful texts first",
        f"{plural(low[0], 'text carries', 'texts carry')} the flag low-confidence{average}."
        if found
        else "No text of these days has a confidence.",
        grid=Table.of(("confidence", "source", "title", "look at it"), rows) if rows else None,
        query="SELECT url, text_confidence FROM 'articles/*/*.parquet' ORDER BY text_confidence LIMIT 100",
    )


def copies_section(facts: Facts) -> Section:
    """Who copies whom."""
    found = facts.rows(
        "SELECT copied_by, copied_from, count(*), median(lag_seconds) FROM copies GROUP BY ALL ORDER BY 3 DESC, 1, 2"
    )
    numbers = {(by, of): n for by, of, n, _ in found}
    by, of = sorted({pair[0] for pair in numbers}), sorted({pair[1] for pair in numbers})
    most = max(numbers.values(), default=1)
    rows = tuple(
        (
            Cell.of(one),
            *(
                Cell(str(n) if n else "", n / most if n else None, title=f"{one} has {n} copies of {other}")
                for other in of
                for n in [numbers.get((one, other), 0)]
            ),
        )
        for one in by
    )
    pairs = [(one, other, n, "" if lag is None else span(lag / 60)) for one, other, n, lag in found]
    first = f", most by {found[0][0]} of {found[0][1]} ({found[0][2]:,})" if found else ""
    return Section(
        "copies",
        "Who copies whom",
        f"{plural(sum(numbers.values()), 'copy', 'copies')} among the new texts{first}.",
        grid=Table(("copies in ↓ of →", *of), rows) if rows else None,
        table=Table.of(("copied by", "copied from", "copies", "median lag"), pairs),
        query="SELECT source, duplicate_of, relation, containment FROM 'duplicates/*/*.parquet'",
    )


def latency_section(facts: Facts) -> Section:
    """Hours from publication to the fetch, of news."""
    classes = " ".join(f"WHEN h <= {hours} THEN {place}" for place, (hours, _) in enumerate(_LATENCY))
    lag = (
        "SELECT source, epoch(fetched_at - published_at) / 3600 AS h FROM texts WHERE published_at IS NOT NULL "
        "AND article_id IN (SELECT article_id FROM published WHERE is_news)"
    )
    found = facts.rows(f"SELECT CASE {classes} ELSE {len(_LATENCY)} END, count(*) FROM ({lag}) GROUP BY ALL")
    counts = dict(found)
    labels = [*(f"≤ {name}" for _, name in _LATENCY), "more"]
    by_source = facts.rows(
        f"SELECT source, count(*), median(h), quantile_cont(h, .9) FROM ({lag}) GROUP BY source ORDER BY 3"
    )
    middle = facts.rows(f"SELECT median(h) FROM ({lag})")[0][0]
    answer = (
        f"Half of the texts were fetched within {span(middle * 60)} of their publication."
        if middle is not None
        else "No dated text of these days."
    )
    drawn = charts.histogram(
        labels, [counts.get(i, 0.0) for i in range(len(labels))], "latency", "texts by time from publication to fetch"
    )
    rows = [(s, n, span(m * 60), span(p * 60)) for s, n, m, p in by_source]
    return Section(
        "latency",
        "From publication to the lake",
        answer,
        (("", drawn),) if counts else (),
        table=Table.of(("source", "texts", "half within", "nine of ten within"), rows),
        query="SELECT source, median(fetched_at - published_at) FROM 'articles/*/*.parquet' GROUP BY ALL",
        notes=(
            "Up to the fetch: a run publishes what it fetched when its crawl is over (see run times). Pages that state "
            "a day without a time count from midnight.",
        ),
    )


def revisions_section(facts: Facts) -> Section:
    """Texts that changed at their own address."""
    found = facts.rows("SELECT source, count(*) FROM revised GROUP BY source ORDER BY 2 DESC, 1")
    total = sum(n for _, n in found)
    latest = facts.rows(
        "SELECT strftime(superseded_at, '%Y-%m-%d %H:%M'), source, title, url, revision, "
        "modified_at IS NULL OR modified_at <= published_at FROM revised "
        "ORDER BY superseded_at DESC, article_id LIMIT 100"
    )
    silent = facts.rows("SELECT count(*) FROM revised WHERE modified_at IS NULL OR modified_at <= published_at")[0][0]
    drawn = charts.bars(
        [source for source, _ in found[:RULES]],
        [n for _, n in found[:RULES]],
        [3] * len(found[:RULES]),
        "revisions",
        "revisions by source",
    )
    rows = [(w, s, Cell.page(u, t), r, "not stated" if quiet else "stated") for w, s, t, u, r, quiet in latest]
    answer = f"{plural(total, 'text')} took the place of an earlier one; {silent} of the earlier ones stated no change."
    return Section(
        "revisions",
        "Texts that changed",
        answer,
        (("", drawn),) if total else (),
        table=Table.of(("replaced (UTC)", "source", "title", "revision", "its date of change"), rows),
        query="SELECT url, revision, superseded_at FROM 'revisions/*/*.parquet' ORDER BY superseded_at DESC",
    )
