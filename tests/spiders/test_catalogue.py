"""The catalogue tells a person what to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders.catalogue import CatalogueError, Source, load_catalogue, load_source

GOOD = """\
name = "harbor"
title = "The Harbor Post"
home = "https://harbor.example/"
country = "gb"
languages = ["en"]
hosts = ["harbor.example"]
feeds = ["https://www.harbor.example/rss"]
"""


def write(folder: Path, text: str, name: str = "harbor") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_minimal_file_is_enough(tmp_path: Path) -> None:
    source = load_source(write(tmp_path, GOOD))
    assert source.license == "unknown"
    assert not source.enabled
    assert source.politeness.delay_seconds == 1.0
    assert source.facts().languages == ("en",)


def test_every_table_is_read(tmp_path: Path) -> None:
    text = (
        GOOD
        + """
timezone = "Europe/London"
site_names = ["Harbor Post"]
include = ["^/news/"]
exclude = ["/video/"]
[politeness]
delay_seconds = 0.5
concurrency = 2
timeout_seconds = 5
obey_tdm = true
[limits]
max_bytes = 5000000
max_urls = 10
[expect]
articles_per_day_min = 3
[[eras]]
end = 2020-01-01
body = ["//div[@id='story']"]
"""
    )
    source = load_source(write(tmp_path, text))
    assert source.facts().eras[0].body == ("//div[@id='story']",)
    assert source.politeness.obey_tdm
    assert source.wants("https://harbor.example/news/a")
    assert not source.wants("https://harbor.example/news/video/a")
    assert not source.wants("https://harbor.example/sport/a")


@pytest.mark.parametrize(
    ("change", "key", "remedy"),
    [
        (('hosts = ["harbor.example"]', ""), "hosts", "add it"),
        (('hosts = ["harbor.example"]', 'hosts = ["https://harbor.example"]'), "hosts.0", "bare host"),
        (('hosts = ["harbor.example"]', 'hosts = ["10.0.0.1"]'), "hosts.0", "IP address"),
        (('hosts = ["harbor.example"]', 'hosts = ["other.example"]'), "feeds", "extra_hosts"),
        (('languages = ["en"]', 'languages = ["English"]'), "languages.0", "BCP 47"),
        (('country = "gb"', 'country = "uk2"'), "country", "ISO 3166"),
        (('name = "harbor"', 'name = "Harbor Post"'), "name", "lower-case"),
        (('name = "harbor"', 'name = "port"'), "name", "port.toml"),
        (("feeds = [", 'colour = "blue"\nfeeds = ['), "colour", "spelling"),
        (("https://www.harbor.example/rss", "ftp://harbor.example/rss"), "feeds.0", "https://"),
        (("https://www.harbor.example/rss", "https://a:b@harbor.example/rss"), "feeds.0", "password"),
        (("feeds = [", 'include = ["("]\nfeeds = ['), "include.0", "regular expression"),
        (("feeds = [", 'timezone = "Mars/Olympus"\nfeeds = ['), "timezone", "IANA"),
        (("feeds = [", "feeds = [["), "", "fix that line"),
    ],
)
def test_a_fault_names_file_key_and_remedy(tmp_path: Path, change: tuple[str, str], key: str, remedy: str) -> None:
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(CatalogueError) as caught:
        load_source(path)
    assert str(path) in str(caught.value)
    assert key in str(caught.value)
    assert remedy in str(caught.value)


def test_where_no_file_is_a_source_all_faults_are_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("languages", "tongues"), "harbor")
    write(tmp_path, "name = ", "broken")
    with pytest.raises(CatalogueError, match=r"(?s)broken.*harbor"):
        load_catalogue(tmp_path)


def test_an_empty_folder_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="sources add"):
        load_catalogue(tmp_path)


def test_a_source_owns_its_hosts_and_their_subdomains_only(tmp_path: Path) -> None:
    source: Source = load_source(write(tmp_path, GOOD))
    assert source.owns("harbor.example")
    assert source.owns("WWW.harbor.example.")
    assert not source.owns("notharbor.example")
    assert not source.owns("harbor.example.evil.example")
