"""From bytes to a tree: character sets, media types, bounds."""

import pytest

from cleaning import limits
from cleaning.page import PageError, parse
from cleaning.records import Reason

PAGE = "<html><head>{meta}<title>Größe</title></head><body><p>Für die Straße: «naïve» – 5 €</p></body></html>"


def text_of(body: bytes, content_type: str | None = None) -> str:
    return str(parse(body, content_type).tree.text_content())


@pytest.mark.parametrize(
    ("encoding", "meta", "header"),
    [
        ("utf-8", "", None),
        ("utf-8", '<meta charset="iso-8859-1">', None),  # a declaration that lies
        ("utf-8", "", "text/html; charset=windows-1251"),
        ("cp1252", '<meta charset="iso-8859-1">', None),  # browsers read latin-1 as its superset
        ("cp1252", "", "text/html; charset=windows-1252"),
        ("utf-16", "", None),
        ("utf-8-sig", '<meta charset="latin-1">', None),
    ],
)
def test_text_is_read_right_whatever_the_page_declares(encoding: str, meta: str, header: str | None) -> None:
    assert "Für die Straße: «naïve» – 5 €" in text_of(PAGE.format(meta=meta).encode(encoding), header)


def test_a_wrong_declaration_is_flagged() -> None:
    assert parse(PAGE.format(meta='<meta charset="cp1251">').encode()).flags == ("wrong-charset",)
    assert parse(PAGE.format(meta='<meta charset="utf-8">').encode()).flags == ()


def test_undeclared_bytes_are_detected() -> None:
    body = "<html><body><p>" + "Погода в порту была плохой, и корабли стояли у причала. " * 20 + "</p></body></html>"
    assert "корабли стояли" in text_of(body.encode("cp1251"))


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", None, Reason.EMPTY),
        (b"  \n", "text/html", Reason.EMPTY),
        (b"%PDF-1.7 ...", None, Reason.NOT_HTML),
        (b"<html><body>x</body></html>", "application/pdf", Reason.NOT_HTML),
        (b'{"a": 1}', "text/html", Reason.NOT_HTML),
        (b"just words", "text/html", Reason.NOT_HTML),
        (b"<p>x</p>" + b" " * limits.MAX_BYTES, "text/html", Reason.TOO_LARGE),
        (b"<html><body>" + b"<div>" * 5000 + b"x", "text/html", Reason.TOO_DEEP),
        (b"<html><body>" + b"<p>x" * (limits.MAX_ELEMENTS + 10), "text/html", Reason.TOO_LARGE),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, content_type: str | None, reason: Reason) -> None:
    with pytest.raises(PageError) as raised:
        parse(body, content_type)
    assert raised.value.reason is reason
    assert raised.value.detail


def test_entity_bombs_and_control_characters_are_harmless() -> None:
    bomb = (
        '<!DOCTYPE html [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><html><body><p>&b; ok\x00\x08</p></body></html>'
    )
    assert "ok" in text_of(bomb.encode())


ARTICLE = "<p>The harbour wall is to be rebuilt before the winter storms, the council decided on Tuesday.</p>" * 6


@pytest.mark.parametrize(
    ("shown", "kind", "tag"),
    [
        ("<h1>Harbour wall</h1>", "text/template", "div"),
        (ARTICLE, "text/template", "noscript"),  # shown anyway
        ("<h1>Harbour wall</h1>", "text/javascript", "noscript"),
    ],
)
def test_what_stands_in_for_a_template_is_text_unless_it_is_shown_anyway(shown: str, kind: str, tag: str) -> None:
    script = f"<script type='{kind}'>{ARTICLE}</script>"
    body = f"<html><body>{shown}<div id='body'>{script}<noscript>{ARTICLE}</noscript></div></body></html>"
    [found] = parse(body.encode()).tree.xpath("//div[@id='body']/*[last()]")
    assert found.tag == tag
