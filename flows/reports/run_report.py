"""The result of a run, source by source: the table at the end of every run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flows.lake.index import PublishedAs
from flows.publishing.publisher import PublishReport
from spiders.frontier.frontier import Counts

NOTHING_NEW = "nothing new"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source in one run; the numbers count URLs or pages."""

    source: str
    discovered: int = 0  # URLs new to the frontier
    fetched: int = 0  # pages read and stored in the raw archive
    unchanged: int = 0  # visits that found nothing new, and pages whose text the lake already has
    waiting: int = 0  # URLs still in the queue
    kept: int = 0  # new rows of articles
    revised: int = 0  # further texts of known URLs
    duplicates: int = 0  # new rows of duplicates
    outside: int = 0  # articles of days that a backfill did not ask for
    rejected: Mapping[str, int] = field(default_factory=dict)  # by reason; new rows of rejected
    failed: Mapping[str, int] = field(default_factory=dict)  # by outcome
    trouble: str = ""  # why the source as a whole failed, or that it has gone silent


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run of a flow."""

    lake: str
    runs: tuple[str, ...]  # ids of the crawls
    sources: tuple[SourceReport, ...]
    commits: int = 0

    @property
    def total(self) -> SourceReport:
        """All sources together."""
        troubled = sum(bool(s.trouble) for s in self.sources)
        return SourceReport(
            source="all",
            discovered=sum(s.discovered for s in self.sources),
            fetched=sum(s.fetched for s in self.sources),
            unchanged=sum(s.unchanged for s in self.sources),
            waiting=sum(s.waiting for s in self.sources),
            kept=sum(s.kept for s in self.sources),
            revised=sum(s.revised for s in self.sources),
            duplicates=sum(s.duplicates for s in self.sources),
            outside=sum(s.outside for s in self.sources),
            rejected=_sum(s.rejected for s in self.sources),
            failed=_sum(s.failed for s in self.sources),
            trouble=f"{troubled} {'source' if troubled == 1 else 'sources'} in trouble" if troubled else "",
        )

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to show of any source: nothing new, nothing waiting, no trouble."""
        total = self.total
        return NOTHING_NEW in self.headline and not total.trouble and not total.waiting and not total.outside

    @property
    def headline(self) -> str:
        """The run in a line: how many sources, and what was new; says so where that was nothing."""
        total, count = self.total, len(self.sources)
        new = {
            "discovered": total.discovered,
            "fetched": total.fetched,
            "kept": total.kept,
            "revised": total.revised,
            "duplicates": total.duplicates,
            "rejected": sum(total.rejected.values()),
            "failed": sum(total.failed.values()),
        }
        said = ", ".join(f"{n} {name}" for name, n in new.items() if n) or NOTHING_NEW
        said += f", {total.unchanged} there before" if total.unchanged else ""
        sources = "1 source" if count == 1 else f"{count} sources"
        return f"{sources}, {said}" + (f"; {total.trouble}" if total.trouble else "")

    def table(self) -> list[dict[str, str | int]]:
        """One row per source, and their sum if there are several, for a table artifact or a terminal.

        Sources in trouble come first, and so does the column that says why: a page cuts a wide table off at its right.
        """
        rows = sorted(self.sources, key=lambda one: not one.trouble)
        rows += [self.total] if len(self.sources) > 1 else []
        return [
            {
                "source": s.source,
                "trouble": s.trouble,
                "discovered": s.discovered,
                "fetched": s.fetched,
                "unchanged": s.unchanged,
                "kept": s.kept,
                "revised": s.revised,
                "duplicates": s.duplicates,
                "outside range": s.outside,
                "rejected": _as_text(s.rejected),
                "failed": _as_text(s.failed),
                "waiting": s.waiting,
            }
            for s in rows
        ]


def run_report(
    lake: str,
    crawled: Mapping[str, Mapping[str, Counts]],
    published: Iterable[PublishReport],
    trouble: Mapping[str, str],
    asked: Iterable[str] = (),
) -> RunReport:
    """Combine what the frontier counted and what publishing did.

    Args:
        lake: the lake's root folder.
        crawled: run_id → source → the frontier's counts for that run.
        published: the reports of this run's publishing.
        trouble: source → why it failed as a whole.
        asked: the sources that the run was to crawl; each has a row, also where nothing was new.
    """
    counts: dict[str, list[Counts]] = {}
    for run in crawled.values():
        for source, one in run.items():
            counts.setdefault(source, []).append(one)
    fates: dict[str, Counter[str]] = {}
    rejected: dict[str, Counter[str]] = {}
    reports = list(published)
    for report in reports:
        for source, fate in report.fates.items():
            fates.setdefault(source, Counter()).update(fate)
        for source, reasons in report.rejected.items():
            rejected.setdefault(source, Counter()).update(reasons)
    lost = Counter(record.source for report in reports for record in report.lost)
    for source, n in lost.items():
        why = f"{n} archived pages unreadable; a later run fetches them again"
        trouble = {**trouble, source: "; ".join(filter(None, (trouble.get(source), why)))}
    names = sorted({*counts, *fates, *trouble, *asked} - {""})
    return RunReport(
        lake,
        tuple(crawled),
        tuple(_of(n, counts.get(n, []), fates.get(n, Counter()), rejected.get(n, {}), trouble) for n in names),
        sum(r.commits for r in reports),
    )


def _of(
    name: str, counts: list[Counts], fates: Counter[str], rejected: Mapping[str, int], trouble: Mapping[str, str]
) -> SourceReport:
    return SourceReport(
        source=name,
        discovered=sum(c.discovered for c in counts),
        fetched=sum(c.fetched for c in counts),
        unchanged=sum(c.unchanged for c in counts) + fates[PublishedAs.UNCHANGED],
        waiting=sum(c.pending for c in counts),
        kept=fates[PublishedAs.ARTICLE],
        revised=fates[PublishedAs.REVISION],
        duplicates=fates[PublishedAs.DUPLICATE],
        outside=fates[PublishedAs.OUTSIDE_RANGE],
        rejected=dict(rejected),
        failed=_sum(c.failed for c in counts),
        trouble=trouble.get(name, ""),
    )


def _sum(many: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in many:
        total.update(one)
    return dict(sorted(total.items()))


def _as_text(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(numbers.items(), key=lambda item: (-item[1], item[0])))
