"""Pelican (PyPI) with notmyidea, the theme that it begins with; it makes feeds and no sitemap."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.world.content import Post, Site
from tests.world.markup import PIXEL, PIXEL_BYTES, markdown
from tests.world.processes import run
from tests.world.toolbox import PYTHON


@dataclass(frozen=True, slots=True)
class Pelican:
    """With its stock theme."""

    theme: str = "notmyidea"
    name: str = "Pelican"
    sections: tuple[str, ...] = ()
    has_time: bool = True
    shows: frozenset[str] = frozenset({"authors", "section", "tags"})

    def credited(self, site: Site, post: Post) -> tuple[str, ...]:
        """The author of the post."""
        return (post.author,)

    def build(self, site: Site, folder: Path, address: str) -> Path:
        """Write the site's sources and build them; the folder of the result."""
        for name in ("content", "output"):
            shutil.rmtree(folder / name, ignore_errors=True)
        content = folder / "content"
        (content / "pages").mkdir(parents=True)
        (content / "images").mkdir()
        (content / PIXEL.lstrip("/")).write_bytes(PIXEL_BYTES)
        zone = ZoneInfo(site.timezone)
        for post in site.posts:
            if post.status != "protected":
                (content / f"{post.slug}.md").write_text(_source(post, zone))
        for page in site.pages:
            text = f"Title: {page.title}\nSlug: {page.slug}\n\n" + "\n\n".join(page.paragraphs)
            (content / "pages" / f"{page.slug}.md").write_text(text)
        (folder / "pelicanconf.py").write_text(
            f"AUTHOR = {site.authors[0]!r}\nSITENAME = {site.title!r}\nSITEURL = {address!r}\nPATH = 'content'\n"
            f"TIMEZONE = {site.timezone!r}\nDEFAULT_LANG = {site.language!r}\nDEFAULT_PAGINATION = 10\n"
            "FEED_ALL_ATOM = 'feeds/all.atom.xml'\nFEED_ALL_RSS = 'feeds/all.rss.xml'\nFEED_DOMAIN = SITEURL\n"
            "CATEGORY_FEED_ATOM = 'feeds/{slug}.atom.xml'\nWITH_FUTURE_DATES = False\nSTATIC_PATHS = ['images']\n"
        )
        run([str(PYTHON / "bin" / "pelican"), "content", "-o", "output", "-s", "pelicanconf.py", "--quiet"], folder)
        return folder / "output"


def _source(post: Post, zone: ZoneInfo) -> str:
    values = {
        "Title": post.title,
        "Slug": post.slug,
        "Date": f"{post.published.astimezone(zone):%Y-%m-%d %H:%M}",
        "Category": post.category,
        "Tags": ", ".join(post.tags),
        "Authors": post.author,
        "Status": "draft" if post.status == "draft" else "published",
    }
    if post.modified:
        values["Modified"] = f"{post.modified.astimezone(zone):%Y-%m-%d %H:%M}"
    return "".join(f"{name}: {value}\n" for name, value in values.items()) + "\n" + markdown(post.blocks)
