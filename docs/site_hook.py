"""Puts the Markdown pages that live outside docs/ into the documentation site, and points links at them.

README.md, the data dictionary and the others stay where a reader of the repository looks for them; links between all
pages work there and on the site alike. mkdocs itself checks the links after this, and fails on one that leads nowhere.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

# Path in the repository → path in the site.
OUTSIDE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "data/README.md": "data-dictionary.md",
}
_LINK = re.compile(r"(!?\[[^\]]*\]\()([^)#\s:]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside docs/."""
    root = Path(config.config_file_path).parent
    for source, target in OUTSIDE.items():
        files.append(File.generated(config, target, content=(root / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite links that are relative to a page's place in the repository into links within the site."""
    homes = {target: source for source, target in OUTSIDE.items()}
    here = posixpath.dirname(homes.get(page.file.src_uri, f"docs/{page.file.src_uri}"))

    def moved(match: re.Match[str]) -> str:
        wanted = posixpath.normpath(posixpath.join(here, match[2]))
        target = OUTSIDE.get(wanted, wanted.removeprefix("docs/"))
        return f"{match[1]}{posixpath.relpath(target, posixpath.dirname(page.file.src_uri) or '.')}{match[3] or ''})"

    return _LINK.sub(moved, markdown)
