"""Jekyll (Debian, Ruby) with minima, the theme that `jekyll new` begins with."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.world.content import Post, Site
from tests.world.markup import PIXEL, PIXEL_BYTES, front_matter, markdown
from tests.world.processes import run

PLUGINS = ("feed", "seo-tag", "sitemap", "archives", "paginate")
# jekyll-archives brings no layout; this is the one in its documentation.
ARCHIVE = """---
layout: default
---
<h1>{{ page.title }}</h1>
<ul class="posts">
{% for post in page.posts %}<li><span class="post-date">{{ post.date | date: "%b %-d, %Y" }}</span>
<a class="post-link" href="{{ post.url }}">{{ post.title }}</a></li>{% endfor %}
</ul>
"""


@dataclass(frozen=True, slots=True)
class Jekyll:
    """With its stock theme."""

    theme: str = "minima"
    name: str = "Jekyll"
    sections: tuple[str, ...] = ()
    has_time: bool = True
    shows: frozenset[str] = frozenset({"authors", "modified"})  # categories stand in addresses only, tags nowhere

    def credited(self, site: Site, post: Post) -> tuple[str, ...]:
        """The author of the post."""
        return (post.author,)

    def build(self, site: Site, folder: Path, address: str) -> Path:
        """Write the site's sources and build them; the folder of the result."""
        for name in ("_posts", "_drafts", "_layouts", "images"):
            shutil.rmtree(folder / name, ignore_errors=True)
            (folder / name).mkdir(parents=True)
        (folder / PIXEL.lstrip("/")).write_bytes(PIXEL_BYTES)
        (folder / "_layouts" / "archive.html").write_text(ARCHIVE)
        for post in site.posts:
            if post.status != "protected":
                place, day = ("_drafts", "") if post.status == "draft" else ("_posts", f"{post.published:%Y-%m-%d}-")
                (folder / place / f"{day}{post.slug}.md").write_text(_source(post))
        for page in site.pages:
            head = front_matter({"layout": "page", "title": page.title, "permalink": f"/{page.slug}/"})
            (folder / f"{page.slug}.md").write_text(head + "\n\n".join(page.paragraphs))
        (folder / "index.html").write_text("---\nlayout: home\n---\n")
        (folder / "_config.yml").write_text(self._config(site, address))
        run(["jekyll", "build", "--quiet"], folder, {"LANG": "C.UTF-8"})
        return folder / "_site"

    def _config(self, site: Site, address: str) -> str:
        values = {
            "title": site.title,
            "description": site.tagline,
            "url": address,
            "timezone": site.timezone,
            "theme": self.theme,
            "plugins": [f"jekyll-{name}" for name in PLUGINS],
            "paginate": 10,
            "jekyll-archives": {"enabled": ["categories", "tags", "year", "month"], "layout": "archive"},
            "feed": {"posts_limit": 20},
        }
        return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())


def _source(post: Post) -> str:
    values: dict[str, object] = {
        "layout": "post",
        "title": post.title,
        "date": f"{post.published:%Y-%m-%d %H:%M:%S %z}",
        "author": post.author,
        "category": post.category,
        "tags": list(post.tags),
    }
    if post.modified:
        values["last_modified_at"] = f"{post.modified:%Y-%m-%d %H:%M:%S %z}"
    return front_matter(values) + markdown(post.blocks)
