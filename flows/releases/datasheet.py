"""The datasheet of a release, by the questions of Gebru et al. 2021 (Datasheets for Datasets) that the lake answers."""

from __future__ import annotations

from cleaning import __version__
from cleaning.schema.arrow import SCHEMA_VERSION
from flows.releases.documents import Edition, list_text, range_text, table_text


def datasheet(edition: Edition) -> str:
    """DATASHEET.md, by the questions of Gebru et al. 2021 (Datasheets for Datasets) that the lake can answer."""
    files = "\n".join(f"| `{f.path}` | {f.rows:,} | {f.doc} |" for f in edition.files)
    return f"""# Datasheet of {edition.name}

## What it is

{edition.articles:,} news articles of {len(edition.sources)} sources, {range_text(edition)}, at the level
`{edition.level}`. Made on {edition.made_at.date()} by newsmill {__version__} (schema {SCHEMA_VERSION}).

| file | rows | |
|---|---|---|
{files}

## How it was collected and cleaned

Pages were found by the sources' feeds, sitemaps and section pages, fetched within robots.txt and archived; the article
was found by {list_text(edition.extractors)},
and boilerplate removed by rules of version {list_text(edition.rules)}. Copies are rows of their own.
Every removed line is kept in the lake, with its rule.

## Composition

| source | articles |
|---|---|
{table_text(edition.sources)}

## Licences and what was reserved

| licence | articles |
|---|---|
{table_text(edition.licenses, "unknown")}

| use that some signal reserved | articles |
|---|---|
{table_text(edition.reserved)}

The texts belong to their publishers. `rights` says row by row which uses no signal reserved, when the page was fetched.

## Coverage and known gaps

* Days without any article: {", ".join(map(str, edition.missing_days)) or "none"}.
* Pages that are no articles: {list_text(edition.rejected)}.
* Dates of a low `date_confidence`, texts with `is_truncated` or `is_paywalled`, and what `flags` names
  are doubts worth a look.

## People

Articles name people, and bylines their authors. Nothing was anonymised. Whoever passes this edition on
answers requests about it; an erasure in the lake does not reach an edition that was handed out.

## Maintenance

An edition does not change. A correction is another edition, with another name.
"""
