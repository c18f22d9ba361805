from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaning.duplicates.fold import CHUNK_BYTES, fold, fold_character


def folded(*texts: str | None) -> list[str]:
    """Words of each text, as folding leaves them."""
    out = []
    for piece in fold(pa.array(texts, pa.string())):
        for a, b in zip(piece.starts[:-1], piece.starts[1:], strict=True):
            out.append(" ".join(bytes(piece.data[a:b]).decode().split()))
    return out


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Caf\u00e9 \u00c9lys\u00e9e", "cafe elysee"),
        ("Cafe\u0301", "cafe"),  # decomposed
        ("e\ufb00ectively \ufb01ve", "effectively five"),
        ("Darneau&#x27;s AT&amp;T", "darneaus at t"),
        ("fish &amp; chips &amp at &noentity; &#8364;5 &amp;lt;", "fish chips amp at noentity 5 lt"),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8", "\ud55c\uad6d"),  # decomposed Korean
        ("don\u2019t don't dont", "dont dont dont"),
        ("zero\u200bwidth soft\u00adhyphen", "zerowidth softhyphen"),
        ("Stra\u00dfe \uff21\uff22\uff11\uff12", "strasse ab12"),
        ("\u201cquoted\u201d \u2013 dashed\u2014twice", "quoted dashed twice"),
        ("\u041c\u043e\u0441\u043a\u0432\u0430", "\u043c\u043e\u0441\u043a\u0432\u0430"),
        ("\u0661\u0662", "12"),  # Arabic-Indic digits
        ("nul\x00and\x7fdelete", "nul anddelete"),
    ],
)
def test_retyped_forms_become_one(written: str, meant: str) -> None:
    assert folded(written) == [meant]


def test_a_null_is_an_empty_text_and_keeps_its_place() -> None:
    assert folded("one", None, "two") == ["one", "", "two"]


def test_only_strings_are_taken() -> None:
    with pytest.raises(TypeError, match="strings"):
        list(fold(pa.array([1, 2])))


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    broken = pa.StringArray.from_buffers(1, pa.py_buffer(np.array([0, 3], np.int32)), pa.py_buffer(b"a\xffb"))
    with pytest.raises(ValueError, match="not UTF-8"):
        list(fold(broken))


def test_documents_keep_their_numbers_over_many_pieces_and_slices() -> None:
    texts = [f"number {i} " + "x " * (CHUNK_BYTES // 20) for i in range(40)]
    pieces = list(fold(pa.array(["gone", *texts]).slice(1)))
    assert len(pieces) > 1
    starts = [int(p.first) for p in pieces]
    assert starts == sorted(starts)
    assert [w.split()[1] for w in folded(*texts)] == [str(i) for i in range(40)]


@given(st.lists(st.text(), max_size=6))
def test_any_text_folds_to_itself_a_second_time(texts: list[str]) -> None:
    texts = [t.encode("utf-8", "ignore").decode().replace("&", " ") for t in texts]
    once = folded(*texts)
    assert len(once) == len(texts)
    assert folded(*once) == once


@given(st.characters(min_codepoint=0x80, exclude_categories=["Cs"]))
def test_a_character_never_grows(character: str) -> None:
    form = fold_character(ord(character))
    assert len(form) == len(character.encode())
    form.replace(b"\x7f", b"").decode()


@given(st.text(alphabet=st.characters(max_codepoint=0x17F, categories=["Lu", "Ll"]), min_size=1))
def test_case_and_accents_do_not_count_in_latin_script(word: str) -> None:
    # a few letters (ſ, ŉ, dotless ı) change length or letter with case: Unicode's own special cases
    plain = [c for c in word if len(c.upper()) == 1 and c.upper().lower() == c.lower()]
    text = "".join(plain)
    decomposed = unicodedata.normalize("NFD", text)
    assert folded(text) == folded(text.upper().lower()) == folded(decomposed)
