"""The commands by name, what each is for, and where it lies: a command is imported when it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or a group of commands.

    Attributes:
        where: ``module:function``, or ``module:app`` of a group.
        summary: the first sentence of its help.
    """

    where: str
    summary: str


COMMANDS = {
    "demo": Entry(
        "flows.cli.demo:demo",
        "Crawl the sample web on loopback, clean and de-duplicate it, and write a lake; no network is needed.",
    ),
    "init": Entry(
        "flows.cli.init:init",
        "Make a project folder: newsmill.toml, a catalogue in sources/, prefect.yaml, .gitignore.",
    ),
    "config": Entry(
        "flows.cli.config:config",
        "Show every setting with its value and where it was set: environment, newsmill.toml, or default.",
    ),
    "run": Entry(
        "flows.cli.running.run:run", "Crawl what is new and publish it, once, now: what the deployment daily does."
    ),
    "backfill": Entry("flows.cli.running.run:backfill", "Fetch what was published in a range of days."),
    "publish": Entry("flows.cli.running.run:publish", "Publish what the raw archive holds and the tables do not."),
    "reclean": Entry(
        "flows.cli.running.reclean:reclean",
        "Clean again, from the raw archive, whatever older rules or facts of a source have cleaned.",
    ),
    "serve": Entry(
        "flows.cli.running.serve:serve",
        "Run a Prefect server, the work pool, the deployments of prefect.yaml and a worker, until Ctrl-C.",
    ),
    "status": Entry(
        "flows.cli.monitoring:status",
        "Say when each deployment last finished; exit code 1 when a scheduled one is overdue by two hours.",
    ),
    "report": Entry(
        "flows.cli.reading.report:report",
        "Write one page that shows whether the data is whole: what came, what is missing, what the texts are like.",
    ),
    "doctor": Entry(
        "flows.cli.monitoring:doctor",
        "Look at everything that can be wrong with an installation and its lake; exit code 1 when something is.",
    ),
    "clean": Entry("flows.cli.clean:clean", "Clean pages, or text that another scraper extracted."),
    "dedup": Entry("flows.cli.dedup:dedup", "Find every copy."),
    "inspect": Entry(
        "flows.cli.reading.inspect:inspect",
        "Show a row, its lineage to the fetched bytes, its copies, revisions and removed lines.",
    ),
    "export": Entry(
        "flows.cli.sharing.export:export",
        "Write rows as one file, with FILE.dictionary.md and FILE.licence.md beside it.",
    ),
    "erase": Entry(
        "flows.cli.sharing.erase:erase",
        "Show what holds a text, and with --yes erase it: rows, revisions, copies, index, raw records, frontier, logs.",
    ),
    "snapshot": Entry(
        "flows.cli.sharing.snapshot:snapshot",
        "Link the tables, all as of the same commit, into a new folder that no later publish changes.",
    ),
    "release": Entry(
        "flows.cli.sharing.release:release",
        "Freeze an edition: Parquet files, manifest, Croissant metadata, datasheet, dictionary, citation.",
    ),
    "rehydrate": Entry(
        "flows.cli.sharing.release:rehydrate",
        "Read the records of an edition from a lake's raw archive, clean them, and say how many texts are as they "
        "were.",
    ),
    "stories": Entry(
        "flows.cli.reading.stories:stories",
        "List the largest stories of a range: sources, copies, rewrites, follow-ups, first publisher, hours.",
    ),
    "failures": Entry(
        "flows.cli.reading.failures:failures",
        "List what could not be read, latest first: listings and robots.txt files, then pages, each with its reason.",
    ),
    "gaps": Entry(
        "flows.cli.reading.gaps:gaps",
        "Say what the lake lacks: URLs that failed or wait, and an estimate of articles that no way of discovery "
        "listed.",
    ),
    "dictionary": Entry(
        "flows.cli.dictionary:dictionary", "Write data/README.md: every column of every table, explained."
    ),
    "alerts": Entry(
        "flows.cli.reading.report:alerts",
        "List what needs a person, since when, with the likely cause and what to do; exit code 1 when something does.",
    ),
    "sources": Entry("flows.cli.sources:app", "List, check and add sources."),
    "lake": Entry("flows.cli.lake:app", "Care of the lake's own files."),
}


class _Loaded(Mapping[str, Any]):
    """The commands by name, each imported when it is taken."""

    def __getitem__(self, name: str) -> Any:
        module, _, attribute = COMMANDS[name].where.partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = name
            return group
        alone = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)
        alone.command(name)(found)
        return typer.main.get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class LazyGroup(TyperGroup):
    """The group of all commands: its overview is written from :data:`COMMANDS`, and imports none of them.

    It is plain text: rendered as Markdown, like the help of each command, it would take .2 s of CPU time more.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"rich_markup_mode": None})
        self.commands = _Loaded()  # type: ignore[assignment]  # only read: no command is added later

    def list_commands(self, ctx: Context) -> list[str]:
        """The names, in the order of the table."""
        return [*COMMANDS]

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write name and summary of each command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])
