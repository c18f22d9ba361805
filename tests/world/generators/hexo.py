"""Hexo (npm) with the theme that `hexo init` begins with, or with NexT, its most used other one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests.world.content import Post, Site
from tests.world.markup import PIXEL, PIXEL_BYTES, front_matter, markdown
from tests.world.processes import run
from tests.world.toolbox import NODE

PLUGINS = ("archive", "category", "feed", "index", "sitemap", "tag")


@dataclass(frozen=True, slots=True)
class Hexo:
    """One of its themes."""

    theme: str
    name: str = "Hexo"
    sections: tuple[str, ...] = ()
    has_time: bool = True
    shows: frozenset[str] = frozenset({"authors", "section", "tags", "modified"})

    def credited(self, site: Site, post: Post) -> tuple[str, ...]:
        """Hexo knows one author a site."""
        return (site.authors[0],)

    def build(self, site: Site, folder: Path, address: str) -> Path:
        """Write the site's sources and build them; the folder of the result."""
        posts = folder / "source" / "_posts"
        drafts = folder / "source" / "_drafts"
        for place in (posts, drafts, folder / "source" / "images"):
            place.mkdir(parents=True, exist_ok=True)
        (folder / "source" / PIXEL.lstrip("/")).write_bytes(PIXEL_BYTES)
        for old in posts.glob("*.md"):
            old.unlink()
        for post in site.posts:
            if post.status != "protected":  # it knows no passwords
                (drafts if post.status == "draft" else posts).joinpath(f"{post.slug}.md").write_text(_source(post))
        for page in site.pages:
            place = folder / "source" / page.slug
            place.mkdir(exist_ok=True)
            (place / "index.md").write_text(front_matter({"title": page.title}) + "\n\n".join(page.paragraphs))
        (folder / "_config.yml").write_text(self._config(site, address))
        wanted = {"hexo": "7.3.0"} | {f"hexo-generator-{name}": "*" for name in PLUGINS}
        wanted |= {f"hexo-renderer-{name}": "*" for name in ("ejs", "marked", "stylus")}
        package = {"name": site.name, "private": True, "hexo": {"version": "7.3.0"}, "dependencies": wanted}
        (folder / "package.json").write_text(json.dumps(package))
        if not (folder / "node_modules").exists():
            (folder / "node_modules").symlink_to(NODE / "node_modules")
        run(["node", "node_modules/hexo/bin/hexo", "generate", "--force"], folder)
        return folder / "public"

    def _config(self, site: Site, address: str) -> str:
        values = {
            "title": site.title,
            "subtitle": site.tagline,
            "author": site.authors[0],
            "language": site.language,
            "timezone": site.timezone,
            "url": address,
            "permalink": ":year/:month/:day/:title/",
            "future": False,
            "theme": self.theme,
            "per_page": 10,
            "index_generator": {"path": "", "per_page": 10, "order_by": "-date"},
            "feed": {"type": ["atom", "rss2"], "path": ["atom.xml", "rss2.xml"], "limit": 20},
            "sitemap": {"path": "sitemap.xml", "rel": True, "tags": True, "categories": True},
        }
        return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())


def _source(post: Post) -> str:
    values: dict[str, object] = {
        "title": post.title,
        "date": post.published.isoformat(),
        "updated": (post.modified or post.published).isoformat(),
        "categories": [post.category],
        "tags": list(post.tags),
    }
    return front_matter(values) + markdown(post.blocks)
