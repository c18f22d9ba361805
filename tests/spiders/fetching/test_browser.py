"""A page whose text is built by script is rendered, and reaches nothing that the crawler itself would not."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from spiders.archive.warc_reader import read_pages
from spiders.fetching.browser import NoBrowser, find_chromium
from tests.spiders.crawling import Crawls
from tests.spiders.oneweb import OneWeb, html, rss

try:
    import playwright  # noqa: F401

    find_chromium()
    MISSING = ""
except (ImportError, NoBrowser) as error:
    MISSING = str(error)

SCRIPT = """
const data = new XMLHttpRequest();
data.open("GET", "/api/story.json");
data.onload = () => { document.querySelector("main").innerHTML = "<p>" + JSON.parse(data.responseText).text + "</p>"; };
data.send();
for (const url of ["http://127.0.0.1:%d/steal", "http://elsewhere.localhost:%d/steal"]) fetch(url).catch(() => 0);
const image = new Image(); image.src = "/pixel.png"; document.body.append(image);
"""


@pytest.mark.browser
@pytest.mark.skipif(bool(MISSING), reason=f"no browser to render with: {MISSING}")
def test_a_page_is_rendered_and_its_scripts_reach_only_the_source(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, OneWeb({}) as web:
        listener.settimeout(0.1)
        port = listener.getsockname()[1]
        web.pages["/rss"] = rss(web.url("/2026/07/20/story"))
        web.pages["/2026/07/20/story"] = html("<main>Loading…</main><script src='/app.js'></script>")
        web.pages["/app.js"] = ("200 OK", {"Content-Type": "text/javascript"}, (SCRIPT % (port, port)).encode())
        story = b'{"text": "The harbour wall rises again."}'
        web.pages["/api/story.json"] = ("200 OK", {"Content-Type": "application/json"}, story)
        made = Crawls(tmp_path, web.port)
        web.write_source(made.sources, javascript="true", politeness="delay_seconds = 0\ntimeout_seconds = 20\n")
        made.run()
        with pytest.raises(TimeoutError):
            listener.accept()
        assert "/pixel.png" not in web.paths()
    [file] = made.lake.glob("raw/*/*/*.warc.gz")
    [page] = read_pages(file, root=made.lake)
    assert b"The harbour wall rises again." in page.body
    assert b"Loading" not in page.body


def test_a_missing_browser_is_told_with_the_remedy() -> None:
    with pytest.raises(NoBrowser, match="install Chromium"):
        find_chromium("/nowhere/chromium")
