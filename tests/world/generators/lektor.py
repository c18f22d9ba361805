"""Lektor (PyPI) with the templates of `lektor quickstart`: no feed and no sitemap, only pages of links in pages."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.world.content import Post, Site
from tests.world.markup import PIXEL, PIXEL_BYTES, markdown
from tests.world.processes import run
from tests.world.toolbox import PYTHON


@dataclass(frozen=True, slots=True)
class Lektor:
    """With its stock templates."""

    theme: str = "quickstart"
    name: str = "Lektor"
    sections: tuple[str, ...] = ("/blog/",)
    has_time: bool = False
    shows: frozenset[str] = frozenset({"authors"})

    def credited(self, site: Site, post: Post) -> tuple[str, ...]:
        """The author of the post."""
        return (post.author,)

    def build(self, site: Site, folder: Path, address: str) -> Path:
        """Write the site's sources and build them; the folder of the result."""
        project, output = folder / "project", folder / "output"
        if not project.exists():
            _begin(site, project)
        blog = project / "content" / "blog"
        for old in [place for place in blog.iterdir() if place.is_dir()]:
            shutil.rmtree(old)
        (project / "assets" / "images").mkdir(parents=True, exist_ok=True)
        (project / "assets" / PIXEL.lstrip("/")).write_bytes(PIXEL_BYTES)
        for post in site.public.values():  # it knows neither drafts nor dates to come
            day = f"{post.published:%Y-%m-%d}"
            fields = {"title": post.title, "author": post.author, "pub_date": day, "body": markdown(post.blocks)}
            _write(blog / post.slug, fields)
        for page in site.pages:
            _write(project / "content" / page.slug, {"title": page.title, "body": "\n\n".join(page.paragraphs)})
        run([str(PYTHON / "bin" / "lektor"), "build", "--output-path", str(output)], project, {"LANG": "C.UTF-8"})
        return output


def _begin(site: Site, project: Path) -> None:
    """What the quickstart asks, answered: name, author, folder, a blog, and yes."""
    answers = "\n".join((site.title, site.authors[0], str(project), "Y", "Y", ""))
    lektor = shlex.join([str(PYTHON / "bin" / "lektor"), "quickstart", "--path", str(project)])
    run(["sh", "-c", f"printf %s {shlex.quote(answers)} | {lektor}"], project.parent, {"LANG": "C.UTF-8"})


def _write(folder: Path, fields: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{name}:\n\n{value}" if "\n" in value else f"{name}: {value}" for name, value in fields.items()]
    (folder / "contents.lr").write_text("\n---\n".join(lines) + "\n")
