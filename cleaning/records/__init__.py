"""The contract: what passes between the stages, and every column of every table.

A table is a frozen dataclass whose fields are made by :func:`column`; the Arrow schema (:mod:`cleaning.schema.arrow`)
and the data dictionary (data/README.md) are derived from the same fields, so the three cannot disagree.
"""

from __future__ import annotations

from cleaning.records.articles import Article, Duplicate, Revision
from cleaning.records.columns import (
    BOOL,
    COUNTS,
    DATE,
    FLOAT,
    INT16,
    INT32,
    INT64,
    STRING,
    STRINGS,
    TIMESTAMP,
    Column,
    column,
)
from cleaning.records.coverage import Coverage
from cleaning.records.facts import LayoutVersion, SourceFacts
from cleaning.records.inputs import Hints, RawPage, RawText, Statement
from cleaning.records.links import Alias, Edge, Originality, Passage, Rewrite, SeriesMember
from cleaning.records.results import Cleaned, Rejection, Removal, RemovalRow, RightsRow, Signal
from cleaning.records.values import Confidence, Reason, Relation

__all__ = [
    "BOOL",
    "COUNTS",
    "DATE",
    "FLOAT",
    "INT16",
    "INT32",
    "INT64",
    "STRING",
    "STRINGS",
    "TIMESTAMP",
    "Alias",
    "Article",
    "Cleaned",
    "Column",
    "Confidence",
    "Coverage",
    "Duplicate",
    "Edge",
    "Hints",
    "LayoutVersion",
    "Originality",
    "Passage",
    "RawPage",
    "RawText",
    "Reason",
    "Rejection",
    "Relation",
    "Removal",
    "RemovalRow",
    "Revision",
    "Rewrite",
    "RightsRow",
    "SeriesMember",
    "Signal",
    "SourceFacts",
    "Statement",
    "column",
]
