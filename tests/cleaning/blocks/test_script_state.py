# ruff: noqa: E501 — scripts as a server writes them
"""A page whose text is only in the state that a script computes: Nuxt 2's call with its values as arguments."""

from __future__ import annotations

import json

import pytest

from cleaning.blocks.script_state import called_strings
from cleaning.boilerplate.rules import load_rules
from cleaning.pipeline import clean
from cleaning.records import Article, SourceFacts
from tests.cleaning.pages import PARAGRAPHS, page

BODY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
STATES = {
    "a property": f'(function(a,b){{return{{layout:a,data:[{{post:{{id:7,body:{json.dumps(BODY)},live:b}}}}]}}}}("x",true));',
    "an argument": f'(function(a,b){{return{{layout:a,data:[{{post:{{body:b}}}}]}}}}("x",{json.dumps(BODY)}));',
    "statements before": f'(function(a,b){{a.id=7;a.body={{html:b}};return{{data:[a]}}}}({{}},{json.dumps(BODY)}));',
}  # fmt: skip


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_a_body_that_only_a_nuxt_state_holds_is_read(state: str) -> None:
    html = f"<html><head><title>Ferry</title></head><body><div id='__nuxt'></div><script>window.__NUXT__={state}</script></body></html>"
    found = clean(page(html), SourceFacts("example"), load_rules()).result
    assert isinstance(found, Article)
    assert found.text == "\n\n".join(PARAGRAPHS)
    assert "json-ld-rescue" in found.flags


def test_strings_are_read_as_javascript_writes_them_and_nothing_is_run() -> None:
    state = r"""window.__NUXT__=(function(a,b,c){return {t:"say \"it\"",u:'d\'or',x:"\x3Cp\x3E",'k':c,n:a,m:b}}(1,[2,"no"],"\u003Cb"))"""
    assert list(called_strings(state)) == [("t", 'say "it"'), ("u", "d'or"), ("x", "<p>"), ("k", "<b")]
    assert list(called_strings('window.__NUXT__={"a":"b"}')) == []
    assert list(called_strings('window.__NUXT__=(function(a){return{b:"c')) == []
