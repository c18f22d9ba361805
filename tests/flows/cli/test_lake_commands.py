"""The commands that read a lake and the catalogue: what they show, and what they say when there is nothing."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from flows.cli.app import main
from flows.config import open_frontier
from flows.lake.store import Lake
from spiders.catalogue import load_source
from tests.flows.conftest import Crawled


class Newsmill:
    """The command in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *words: str | Path) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        self._monkeypatch.setattr(sys, "argv", ["newsmill", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = self._capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err


@pytest.fixture
def newsmill(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Newsmill:
    return Newsmill(monkeypatch, capsys)


def test_inspect_shows_the_row_its_lineage_its_copies_and_its_removals(
    newsmill: Newsmill, crawled: Crawled, tmp_path: Path
) -> None:
    copy = next(r for r in Lake(crawled.lake).read("duplicates").to_pylist() if r["relation"] == "exact")
    removed = Lake(crawled.lake).read("removals").to_pylist()
    code, out, _ = newsmill("inspect", copy["duplicate_of"], "--lake", crawled.lake, "--raw", tmp_path / "page.html")
    assert code == 0
    assert copy["article_id"] in out
    assert "raw_file" in out
    assert "status 200" in out
    assert b"<html" in (tmp_path / "page.html").read_bytes()[:2000].lower()
    one = removed[0]
    _, out, _ = newsmill("inspect", one["article_id"], "--lake", crawled.lake)
    assert one["rule"] in out


def test_inspect_finds_an_article_by_any_variant_of_its_url(newsmill: Newsmill, crawled: Crawled) -> None:
    row = Lake(crawled.lake).read("articles").to_pylist()[0]
    code, out, _ = newsmill("inspect", f"{row['url']}?utm_source=mail#top", "--lake", crawled.lake)
    assert code == 0
    assert row["article_id"] in out


def test_inspect_tells_why_a_page_was_rejected_and_says_so_when_it_knows_nothing(
    newsmill: Newsmill, crawled: Crawled
) -> None:
    rejected = Lake(crawled.lake).read("rejected").to_pylist()[0]
    code, out, _ = newsmill("inspect", rejected["url"], "--lake", crawled.lake)
    assert code == 0
    assert rejected["reason"] in out
    code, _, err = newsmill("inspect", "http://nobody.localhost/1", "--lake", crawled.lake)
    assert code == 1
    assert "newsmill failures" in err


def test_failures_lists_each_failed_url_once_with_its_outcome(newsmill: Newsmill, crawled: Crawled) -> None:
    frontier = open_frontier(crawled.lake)
    expected = {(f.source, f.outcome, f.url) for f in frontier.failures()}
    frontier.close()
    code, out, _ = newsmill("failures", "--lake", crawled.lake, "--tsv")
    assert code == 0
    rows = [tuple(line.split("\t")[:3]) for line in out.splitlines() if line.endswith("\tpage")]
    assert set(rows) == expected
    assert len(rows) == len(expected)
    code, _, err = newsmill("failures", "--lake", crawled.lake, "--reason", "nonsense")
    assert code == 1
    assert "http-NNN" in err


def test_gaps_says_what_is_lacking_of_each_source_and_of_one_way_by_way(newsmill: Newsmill, crawled: Crawled) -> None:
    where = ("--lake", crawled.lake, "--sources-dir", crawled.sources)
    code, out, _ = newsmill("gaps", *where)
    assert code == 0
    assert "1 http-404" in out
    assert "could not be fetched" in out
    code, out, _ = newsmill("gaps", "--source", "the-harbor-post", *where)
    assert code == 0
    assert "ways of discovery" in out
    assert "sitemap" in out
    code, out, _ = newsmill("gaps", "--json", "--from", "1999-01-01", "--to", "1999-01-02", *where)
    assert code == 0
    assert json.loads(out)["sources"] == []
    assert "the-harbor-post" in json.loads(out)["nothing_listed"]
    code, _, err = newsmill("gaps", "--from", "2026-07-02", "--to", "2026-07-01", *where)
    assert (code, "swap the two" in err) == (1, True)


def test_failures_retry_puts_them_back_into_the_queue(newsmill: Newsmill, crawled: Crawled, tmp_path: Path) -> None:
    shutil.copytree(crawled.lake / "state", tmp_path / "state")
    _, _, err = newsmill("failures", "--lake", tmp_path, "--reason", "http-404", "--retry")
    assert "1 URLs are back" in err
    _, out, _ = newsmill("failures", "--lake", tmp_path, "--reason", "http-404", "--tsv")
    assert out == ""


def test_sources_list_shows_the_catalogue_and_check_refuses_a_broken_file(
    newsmill: Newsmill, crawled: Crawled, tmp_path: Path
) -> None:
    code, out, _ = newsmill("sources", "list", "--sources-dir", crawled.sources, "--language", "de")
    assert code == 0
    assert "nordwind-zeitung" in out
    assert "the-harbor-post" not in out
    (tmp_path / "broken.toml").write_text('name = "broken"\nfeed = ["https://example.org/"]\n', encoding="utf-8")
    code, _, err = newsmill("sources", "check", "--sources-dir", tmp_path)
    assert code == 1
    assert "broken.toml: feed" in err


def test_sources_add_probes_a_site_and_writes_an_entry_that_is_off(
    newsmill: Newsmill, crawled: Crawled, tmp_path: Path
) -> None:
    home = crawled.web.base("valley-notebook")
    words = ("sources", "add", f"{home}/", "--allow", crawled.allow[0], "--sources-dir", tmp_path)
    code, out, err = newsmill(*words)
    assert code == 0, err
    source = load_source(tmp_path / "valley-notebook.toml")
    assert source.feeds
    assert not source.enabled
    assert "no article" not in out
    code, _, err = newsmill(*words)
    assert code == 1
    assert "--force" in err


def test_sources_check_asks_each_way_and_fails_where_one_died(
    newsmill: Newsmill, crawled: Crawled, tmp_path: Path
) -> None:
    toml = (crawled.sources / "valley-notebook.toml").read_text(encoding="utf-8")
    (tmp_path / "valley-notebook.toml").write_text(toml, encoding="utf-8")
    words = ("sources", "check", "valley-notebook", "--allow", crawled.allow[0], "--sources-dir", tmp_path)
    code, out, err = newsmill(*words)
    assert code == 0, out + err
    feed = load_source(tmp_path / "valley-notebook.toml").feeds[0]
    (tmp_path / "valley-notebook.toml").write_text(toml.replace(feed, f"{feed}-gone"), encoding="utf-8")
    code, out, _ = newsmill(*words)
    assert code == 1
    assert "http-404" in out


def test_the_data_dictionary_is_up_to_date(newsmill: Newsmill) -> None:
    code, _, err = newsmill("dictionary", "--check")
    assert (code, err) == (0, "")


def test_run_refuses_real_sites_before_anything_starts_when_nobody_could_be_reached(
    newsmill: Newsmill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEWSMILL_CONTACT", raising=False)
    code, _, err = newsmill("run", "--lake", tmp_path / "lake")
    assert code == 1
    assert "NEWSMILL_CONTACT" in err
    assert not (tmp_path / "lake").exists()


def test_reclean_plans_nothing_where_all_was_cleaned_so_and_names_sources_that_the_catalogue_lacks(
    newsmill: Newsmill, crawled: Crawled, tmp_path: Path
) -> None:
    code, out, _ = newsmill("reclean", "--plan", "--lake", crawled.lake, "--sources-dir", crawled.sources)
    assert code == 0
    assert "nothing to do" in out
    (tmp_path / "sources").mkdir()
    one = next(crawled.sources.glob("*.toml"))
    text = one.read_text(encoding="utf-8").replace('timezone = "', 'timezone = "Asia/Tokyo" # ', 1)
    (tmp_path / "sources" / one.name).write_text(text, encoding="utf-8")
    code, out, _ = newsmill("reclean", "--plan", "--lake", crawled.lake, "--sources-dir", tmp_path / "sources")
    assert code == 0
    assert "stays as it is" in out


def test_reclean_says_when_its_range_is_the_wrong_way_round(newsmill: Newsmill, crawled: Crawled) -> None:
    words = ("reclean", "--plan", "--from", "2026-07-02", "--to", "2026-07-01", "--lake", crawled.lake)
    code, _, err = newsmill(*words)
    assert code == 1
    assert "swap the two" in err
