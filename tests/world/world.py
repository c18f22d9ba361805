"""The world: every site on its publishing system, on loopback, at one state of its content and then at the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.world import toolbox
from tests.world.changes import Changes, change
from tests.world.content import Post, Site, make_site, share_copies
from tests.world.generators import Generator
from tests.world.generators.hexo import Hexo
from tests.world.generators.jekyll import Jekyll
from tests.world.generators.lektor import Lektor
from tests.world.generators.pelican import Pelican
from tests.world.processes import LOOPBACK, missing
from tests.world.static_server import deploy, static_server
from tests.world.wordpress import installation
from tests.world.wordpress.installation import THEMES, WordPress

# The sites: name, title, language, time zone, and what publishes it. Names are hosts below .localhost.
WORDPRESS = {
    "alder": ("The Alder Post", "en", "Europe/London", "twentytwentyone"),
    "birch": ("Birkenblatt", "de", "Europe/Berlin", "twentytwentytwo"),
    "cedar": ("Le Cèdre", "fr", "Europe/Paris", "twentytwentythree"),
}
STATIC: dict[str, tuple[str, str, str, Generator]] = {
    "hazel": ("Hazel Gazette", "en", "UTC", Hexo("landscape")),
    "juniper": ("Juniper Courier", "en", "America/New_York", Jekyll()),
    "larch": ("Lärchenbote", "de", "Europe/Vienna", Pelican()),
    "maple": ("El Arce", "es", "Europe/Madrid", Lektor()),
}
# who republishes whom
COPIES = {"cedar": "alder", "hazel": "alder", "larch": "juniper"}


@dataclass(frozen=True, slots=True)
class Served:
    """A site that runs."""

    site: Site
    system: str  # "WordPress twentytwentyone"
    address: str  # with port, without a slash at its end
    generator: Generator | None  # None for WordPress

    def credited(self, post: Post) -> tuple[str, ...]:
        """The names that a reader of the page is shown as its authors."""
        return self.generator.credited(self.site, post) if self.generator else (post.author,)

    @property
    def has_time(self) -> bool:
        """Whether the system states the time of publication to its minute."""
        return self.generator is None or self.generator.has_time

    def has(self, field_name: str) -> bool:
        """Whether the system tells readers, page or feed, of a field: authors, section, tags; the page of: modified."""
        return field_name in (self.generator.shows if self.generator else {"authors", "section", "tags"})


@dataclass(slots=True)
class World:
    """All sites; ``publish`` fills them, ``later`` applies a day of editing."""

    folder: Path
    now: datetime
    wordpress: WordPress
    static_port: int
    roots: dict[str, Path]
    sites: dict[str, Site] = field(default_factory=dict)
    changes: dict[str, Changes] = field(default_factory=dict)

    @property
    def ports(self) -> tuple[str, ...]:
        """What `--allow` must let through."""
        return tuple(f"{LOOPBACK}:{port}" for port in (self.wordpress.port, self.static_port))

    def publish(self) -> None:
        """The first state of every site."""
        for name, (title, language, zone, _) in {**WORDPRESS, **STATIC}.items():
            self.sites[name] = make_site(name, title, language, zone, self.now)
        for copier, original in COPIES.items():
            self.sites[copier] = share_copies(self.sites[original], self.sites[copier])
        self._fill(first=True)

    def later(self) -> None:
        """A day of editing on every site. The clock does not move: changes are of the last minutes."""
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        copied: dict[str, set[str]] = {}
        for site in self.sites.values():
            for post in site.posts:
                if post.copy_of:
                    copied.setdefault(post.copy_of[0], set()).add(post.copy_of[1])
        self.changes = {name: change(site, now, frozenset(copied.get(name, ()))) for name, site in self.sites.items()}
        self.sites = {name: changed.site for name, changed in self.changes.items()}
        self._fill(first=False)

    def served(self) -> list[Served]:
        """Every site with its address."""
        return [
            *(Served(self.sites[n], f"WordPress {WORDPRESS[n][3]}", self._address(n), None) for n in WORDPRESS),
            *(
                Served(self.sites[n], f"{STATIC[n][3].name} {STATIC[n][3].theme}", self._address(n), STATIC[n][3])
                for n in STATIC
            ),
        ]

    def _address(self, name: str) -> str:
        return f"http://{name}.localhost:{self.wordpress.port if name in WORDPRESS else self.static_port}"

    def _fill(self, *, first: bool) -> None:
        for name, (*_, theme) in WORDPRESS.items():
            self.wordpress.publish(self.sites[name], theme, first=first)
        for name, (*_, generator) in STATIC.items():
            sources = self.folder / "static" / name
            sources.mkdir(parents=True, exist_ok=True)
            built = generator.build(self.sites[name], sources, self._address(name))
            served = self.roots[f"{name}.localhost"] = self.folder / "served" / name
            served.mkdir(parents=True, exist_ok=True)
            deploy(built, served)


def lacks() -> list[str]:
    """Everything that this machine lacks to run the world."""
    themes_known = set(THEMES) >= {theme for *_, theme in WORDPRESS.values()}
    assert themes_known, "a WordPress site has a theme without permalinks"
    return [*installation.lacks(), *missing("node", "npm", "jekyll"), *toolbox.lacks()]


@contextmanager
def running(folder: Path) -> Iterator[World]:
    """The servers of the world while the block runs; nothing is published yet."""
    roots: dict[str, Path] = {}
    with ExitStack() as stack:
        port = stack.enter_context(static_server(roots))
        wordpress = stack.enter_context(installation.wordpress(folder))
        yield World(folder, datetime.now(UTC), wordpress, port, roots)
