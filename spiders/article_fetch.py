"""Fetching one article URL: from the claimed task to its outcome, including redirects and revisits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.client import responses

from cleaning.records import Statement
from cleaning.urls import canonical_url
from spiders.archive.warc_writer import Exchange, WarcWriter, Written, payload_digest
from spiders.catalogue import Source
from spiders.fetching.address_guard import Allowance, Refused, check_url
from spiders.fetching.browser import Renderer
from spiders.fetching.fetcher import REDIRECT_LIMIT, Answer, Failed, Fetcher, Want
from spiders.fetching.opt_out import reservation
from spiders.fetching.statements import StatementReader
from spiders.frontier.outcomes import Outcome, http_outcome, is_passing
from spiders.frontier.records import FinishedTask, Task
from spiders.frontier.recrawl_schedule import is_sampled, next_article_visit, next_attempt, next_gone_visit
from spiders.frontier.session import CrawlSession
from spiders.media_types import is_page

# The status of a page that is sold (RFC 9110, 15.5.3), also of single pages to crawlers: Crawler-Price names the price.
PAYMENT_REQUIRED = 402


@dataclass(slots=True)
class FetchedArticle:
    """The result of a fetch: the URLs that are finished, and the one to retry, with the reason."""

    ended: list[FinishedTask] = field(default_factory=list)
    again: tuple[Task, Failed] | None = None


@dataclass(frozen=True, slots=True)
class ArticleFetcher:
    """Fetches articles for one run."""

    fetcher: Fetcher
    warc: WarcWriter
    session: CrawlSession
    allowance: Allowance
    clock: Callable[[], float]
    renderer: Renderer
    statements: StatementReader

    async def visit(self, source: Source, task: Task) -> FetchedArticle:
        """Fetch a task's URL and archive the response. Raises HostWaits; every other outcome is in the return value."""
        moved: list[tuple[Task, str]] = []  # with the canonical URL that each leads to
        current, url = task, task.url
        try:
            for _ in range(REDIRECT_LIMIT + 1):
                answer = await self.fetcher.get(source, url, _want(source, current))
                target = answer.location
                if target is None:
                    return FetchedArticle([*self._moved(moved), await self._end(source, current, answer)])
                canonical = canonical_url(target)
                if canonical != current.canonical:
                    host = check_url(target, source, self.allowance)
                    if canonical in {one.canonical for one, _ in moved}:
                        break
                    moved.append((current, canonical))
                    following = self.session.follow(current, target, canonical, host)
                    if following is None:
                        return FetchedArticle(self._moved(moved))
                    current = following
                url = target
        except Refused as refused:
            return FetchedArticle([*self._moved(moved), self._failed(current, refused.outcome, refused.detail)])
        except Failed as failed:
            if is_passing(failed.outcome) and failed.asked:
                return FetchedArticle(self._moved(moved), (current, failed))
            return FetchedArticle([*self._moved(moved), self.give_up(current, failed)])
        detail = f"more than {REDIRECT_LIMIT} redirects or a loop, last to {url}"
        circle = {one.id: one for one in [*(task for task, _ in moved), current]}.values()
        return FetchedArticle([self._failed(one, Outcome.REDIRECT_LOOP, detail) for one in circle])

    def give_up(self, task: Task, failed: Failed, attempts: int = 1) -> FinishedTask:
        """The final record of a task whose last attempt failed."""
        outcome = failed.outcome
        if task.body_digest is not None and outcome in (http_outcome(404), http_outcome(410)):
            outcome = Outcome.GONE
        return self._failed(task, outcome, failed.detail, attempts, failed.size)

    async def _end(self, source: Source, task: Task, answer: Answer) -> FinishedTask:
        if answer.status == 304:
            return self._unchanged(source, task, answer, task.body_digest or "")
        if not 200 <= answer.status < 300:
            return self._refused(task, answer)
        kind = answer.header("Content-Type")
        if not is_page(kind, answer.body):
            return self._failed(task, Outcome.NOT_HTML, kind or "no content type, and no markup", 1, len(answer.body))
        statements = await self.statements.of(source, answer.url)
        if source.politeness.obey_tdm:
            reserved_by = reservation(answer.url, answer.headers, answer.body, statements)
            if reserved_by is not None:
                return self._failed(task, Outcome.OPTED_OUT, reserved_by, 1, len(answer.body))
        if source.javascript:
            answer = await self.renderer.render(source, answer)
        if task.body_digest == payload_digest(answer.body):
            return self._unchanged(source, task, answer, task.body_digest)
        written = self.warc.response(task.source, _exchange(task, answer, statements))
        outcome = Outcome.FETCHED if task.body_digest is None else Outcome.REVISION
        return self._answered(source, task, answer, outcome, written)

    def _refused(self, task: Task, answer: Answer) -> FinishedTask:
        """The record of an error status. Raises Failed for one that may pass.

        A page that is sold is archived with its price: that is evidence about rights.
        """
        failed = Failed(http_outcome(answer.status), f"answered {answer.status}", size=len(answer.body))
        if is_passing(failed.outcome):
            raise failed
        if answer.status != PAYMENT_REQUIRED:
            return self.give_up(task, failed)
        written = self.warc.response(task.source, _exchange(task, answer))
        if price := answer.header("Crawler-Price"):
            failed = Failed(failed.outcome, f"{failed.detail}, price {price}", size=failed.size)
        # Where it lies is noted: an erasure has to find it.
        return replace(self.give_up(task, failed), raw_file=written.raw_file, raw_offset=written.raw_offset)

    def _unchanged(self, source: Source, task: Task, answer: Answer, digest: str) -> FinishedTask:
        written = self.warc.revisit(task.source, _exchange(task, answer), digest)
        return self._answered(source, task, answer, Outcome.UNCHANGED, written)

    def _answered(self, source: Source, task: Task, answer: Answer, outcome: Outcome, written: Written) -> FinishedTask:
        # Nothing is published after it was seen, whatever its feed says, or the clock said then.
        published = task.hints.published.timestamp() if task.hints.published else task.first_seen
        born = min(published, task.first_seen, answer.fetched_at)
        due, interval = next_article_visit(
            answer.fetched_at,
            born,
            interval=task.interval,
            changed=outcome is Outcome.REVISION,
            sampled=is_sampled(task.canonical, source.revisit_share),
        )
        return FinishedTask(
            task,
            outcome,
            answer.fetched_at,
            bytes=len(answer.body),
            raw_file=written.raw_file,
            raw_offset=written.raw_offset,
            etag=answer.header("ETag"),
            last_modified=answer.header("Last-Modified"),
            body_digest=written.digest,
            due_at=due,
            interval=interval,
        )

    def _failed(self, task: Task, outcome: str, detail: str, attempts: int = 1, size: int = 0) -> FinishedTask:
        now = self.clock()
        passing = is_passing(outcome)
        failures = task.failures + 1 if passing else 0
        due = next_attempt(now, failures) if passing else None
        if outcome == Outcome.GONE:
            due = next_gone_visit(now, task.gone_visits)
        return FinishedTask(
            task, outcome, now, detail, attempts, size, due_at=due, interval=task.interval, failures=failures
        )

    def _moved(self, tasks: list[tuple[Task, str]]) -> list[FinishedTask]:
        now = self.clock()
        return [FinishedTask(task, Outcome.MOVED, now, target, interval=task.interval) for task, target in tasks]


def _want(source: Source, task: Task) -> Want:
    return Want(
        max_bytes=source.limits.max_bytes,
        etag=task.etag,
        last_modified=task.last_modified,
    )


def _exchange(task: Task, answer: Answer, statements: tuple[Statement, ...] = ()) -> Exchange:
    return Exchange(
        answer.url,
        datetime.fromtimestamp(answer.fetched_at, UTC),
        answer.status,
        responses.get(answer.status, ""),
        answer.headers,
        answer.body,
        answer.request_headers,
        answer.ip,
        task.hints,
        statements,
    )
