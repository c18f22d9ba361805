"""Debian's WordPress under PHP and MariaDB, in folders of its own: one installation, a site for each virtual host."""

from __future__ import annotations

import getpass
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.world.content import CATEGORIES, Post, Site
from tests.world.markup import PIXEL, PIXEL_BYTES, wordpress_blocks
from tests.world.processes import LOOPBACK, free_port, listens, missing, run, server, wait_until

PACKAGED = Path("/usr/share/wordpress")
HERE = Path(__file__).parent
PROGRAMS = ("php", "mariadbd", "mariadb-install-db")
# Themes of three kinds: a classic one with a widget bar, and block themes that print whole posts or excerpts in lists.
THEMES = {"twentytwentyone": "/%year%/%monthnum%/%day%/%postname%/", "twentytwentytwo": "/%category%/%postname%/",
          "twentytwentythree": "/%postname%/"}  # fmt: skip


def lacks() -> list[str]:
    """What has to be installed before WordPress can run here: programs and Debian packages."""
    found = missing(*PROGRAMS)
    found += [f"wordpress-theme-{theme}" for theme in THEMES if not (PACKAGED / "wp-content/themes" / theme).is_dir()]
    return found if (PACKAGED / "wp-load.php").exists() else ["wordpress", *found]


@dataclass(frozen=True, slots=True)
class WordPress:
    """A running installation."""

    root: Path
    port: int

    def publish(self, site: Site, theme: str, *, first: bool) -> None:
        """Install a site, or bring it to a later state."""
        data = {
            "first": first,
            "title": site.title,
            "tagline": site.tagline,
            "host": site.host,
            "timezone": site.timezone,
            "theme": theme,
            "permalinks": THEMES[theme],
            "authors": site.authors,
            "categories": CATEGORIES,
            "posts": [_post(post) for post in site.posts],
            "pages": [
                {"slug": page.slug, "title": page.title, "html": "\n\n".join(f"<p>{p}</p>" for p in page.paragraphs)}
                for page in site.pages
            ],
        }
        file = self.root / f"{site.name}.json"
        file.write_text(json.dumps(data), encoding="utf-8")
        run(["php", "-d", "memory_limit=512M", "fill.php", file.name], self.root, {"WORLD_HOST": site.host})
        file.unlink()


def _post(post: Post) -> dict[str, object]:
    form = "%Y-%m-%d %H:%M:%S"
    changed = post.modified.astimezone(UTC).strftime(form) if post.modified else None
    return {
        "slug": post.slug,
        "title": post.title,
        "author": post.author,
        "category": post.category,
        "tags": post.tags,
        "status": "publish" if post.status == "protected" else post.status,
        "password": "secret" if post.status == "protected" else "",
        "published": post.published.astimezone(UTC).strftime(form),
        "modified": changed,
        "html": wordpress_blocks(post.blocks),
        "comments": [
            {
                "author": c.author,
                "text": c.text,
                "at": _before_now(post.published + timedelta(hours=c.hours)).strftime(form),
            }
            for c in post.comments
        ],
    }


def _before_now(moment: datetime) -> datetime:
    return min(moment.astimezone(UTC), datetime.now(UTC))


@contextmanager
def wordpress(folder: Path) -> Iterator[WordPress]:
    """WordPress on a free loopback port while the block runs."""
    root, port = folder / "wordpress", free_port()
    shutil.copytree(PACKAGED, root, ignore=shutil.ignore_patterns("wp-config.php"), ignore_dangling_symlinks=True)
    for name in ("wp-config.php", "router.php", "fill.php"):
        shutil.copy(HERE / name, root / name)
    plugins = root / "wp-content" / "mu-plugins"
    plugins.mkdir(parents=True)
    shutil.copy(HERE / "furniture.php", plugins)
    (root / "images").mkdir()
    (root / PIXEL.lstrip("/")).write_bytes(PIXEL_BYTES)
    # A socket's path may have 108 bytes, and test folders have long names.
    with tempfile.TemporaryDirectory(prefix="world-") as short, _database(folder, Path(short)) as socket:
        (root / "world.json").write_text(json.dumps({"socket": str(socket), "port": port, "user": getpass.getuser()}))
        log = folder / "php.log"
        argv = [
            "php",
            "-d",
            "opcache.enable_cli=1",
            "-S",
            f"{LOOPBACK}:{port}",
            "-t",
            str(root),
            str(root / "router.php"),
        ]
        with server(argv, root, log, {"PHP_CLI_SERVER_WORKERS": "3"}):
            wait_until(lambda: listens(port), "php", log)
            yield WordPress(root, port)


@contextmanager
def _database(folder: Path, short: Path) -> Iterator[Path]:
    data, log, user = folder / "mariadb", folder / "mariadb.log", getpass.getuser()
    run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
         "--skip-test-db", f"--user={user}"], folder)  # fmt: skip
    socket = short / "db.sock"
    begin = short / "begin.sql"
    begin.write_text(
        "CREATE DATABASE IF NOT EXISTS world CHARACTER SET utf8mb4;\n"
        f"CREATE USER IF NOT EXISTS '{user}'@'localhost' IDENTIFIED BY '';\n"
        f"GRANT ALL ON *.* TO '{user}'@'localhost';\n"
    )
    argv = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking",
            f"--user={user}",
            f"--pid-file={short / 'db.pid'}", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin",
            f"--init-file={begin}"]  # fmt: skip
    with server(argv, folder, log):
        wait_until(socket.exists, "mariadbd", log)
        yield socket
