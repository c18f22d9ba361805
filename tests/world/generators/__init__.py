"""Static site generators of several ecosystems, each filled from the same content."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tests.world.content import Post, Site


class Generator(Protocol):
    """What the world asks of a generator."""

    @property
    def name(self) -> str:
        """The system."""
        ...

    @property
    def theme(self) -> str:
        """Its theme."""
        ...

    @property
    def has_time(self) -> bool:
        """Whether page or feed state the time of publication, and not only the day."""
        ...

    @property
    def shows(self) -> frozenset[str]:
        """Which of authors, section, tags the theme shows or the feed states, and whether pages state `modified`."""
        ...

    @property
    def sections(self) -> tuple[str, ...]:
        """Pages of links for a system that has neither feed nor sitemap."""
        ...

    def credited(self, site: Site, post: Post) -> tuple[str, ...]:
        """The authors that readers are shown."""
        ...

    def build(self, site: Site, folder: Path, address: str) -> Path:
        """Write the site's sources into ``folder`` and build them; the folder of the result."""
        ...
