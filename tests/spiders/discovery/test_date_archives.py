"""Archives by date: their addresses are found from those of stories, and filled in."""

from __future__ import annotations

from datetime import date

from spiders.discovery.date_archives import date_archive, dated


def test_archive_pages_are_addressed_by_date() -> None:
    assert (
        dated("https://p.example/{yyyy}/{mm}/{dd}/?d={d}.{m}.", date(2020, 7, 5))
        == "https://p.example/2020/07/05/?d=5.7."
    )


def test_the_address_of_a_date_archive_is_read_from_those_of_dated_stories() -> None:
    days = [f"https://post.example/2026/07/{n:02d}/story-{n}/" for n in range(1, 7)]
    assert date_archive(days) == "https://post.example/{yyyy}/{mm}/{dd}/"
    months = [f"https://post.example/blog/2026/0{n}/story" for n in range(1, 7)]
    assert date_archive(months) == "https://post.example/blog/{yyyy}/{mm}/"
    assert date_archive(days[:2]) is None
    assert date_archive([f"https://post.example/story-{n}" for n in range(9)]) is None
