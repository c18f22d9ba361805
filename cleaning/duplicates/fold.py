"""Texts as one array of bytes, folded so that re-typed, re-encoded and re-cased copies look alike.

What is folded: HTML entities, Unicode compatibility forms (NFKC), case, accents on Latin, Greek and
Cyrillic letters, apostrophes and zero-width characters (dropped), all other punctuation (one space).
Letters of other scripts stay as their UTF-8 bytes. Every character's folded form takes at most as many bytes as
the character did, so the work is done in place, for a whole batch at once.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

SPACE, NEWLINE, DROP = 0x20, 0x0A, 0x7F

# 512 KB of text and the word arrays made from it stay within a core's second-level cache:
# finding the words of 38 MB took 0.08 s of CPU in such pieces and 0.5 s as one array.
CHUNK_BYTES = 1 << 19

# Apostrophes are dropped rather than made spaces, so that "don't", "don’t" and "dont" are one word.
_ASCII = bytes(i if i == NEWLINE or i >= 0x80 or chr(i).isalnum() else SPACE for i in range(256))
_DROPPED = bytes([DROP, ord("'")])
_ENTITY = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_JAMO = re.compile("[\u1100-\u11ff]")
_LAST_MARKED = 0x0530  # Latin, Greek and Cyrillic end here: elsewhere marks are vowels, not accents


@dataclass(frozen=True, slots=True)
class Folded:
    """Some documents of a batch: letters, digits, spaces and line ends, padded with spaces.

    ``starts`` has one entry per document and one more: document i is ``data[starts[i]:starts[i + 1]]``.
    ``cased`` is the same with ASCII capitals left as they were.
    """

    first: int  # number of the first document in its batch
    starts: Ints
    data: Bytes
    cased: Bytes


@lru_cache(maxsize=1 << 16)
def fold_character(code: int) -> bytes:
    """Folded form of one non-ASCII code point, padded with DROP to the length of its UTF-8 form.

    Source: Unicode Standard Annex 15 (NFKC), chapter 3.13 (case folding), general categories.
    A form that does not fit (½ becomes three characters) is replaced by the character itself.
    """
    character = chr(code)
    room = len(character.encode("utf-8", "surrogatepass"))
    if unicodedata.category(character) == "Cf" or 0x0300 <= code <= 0x036F or character in "‘’ʼ":
        return bytes([DROP]) * room
    form = unicodedata.normalize("NFKC", character)
    form = form if character.isupper() else form.casefold()
    if code < _LAST_MARKED or 0x1E00 <= code < 0x2000:
        form = "".join(c for c in unicodedata.normalize("NFD", form) if not unicodedata.combining(c))
    # a capital stays one where it becomes an ASCII letter, since names are told by it; data is lowered as a whole
    form = "".join(str(unicodedata.decimal(c, c if c.isascii() else c.casefold())) for c in form)
    folded = b"".join(c.encode() if unicodedata.category(c)[0] in "LMN" else b" " for c in form)
    if len(folded) > room:
        folded = character.encode("utf-8", "surrogatepass") if unicodedata.category(character)[0] in "LMN" else b" "
    return folded.translate(_ASCII).ljust(room, bytes([DROP]))


def _fold_non_ascii(data: Bytes) -> None:
    """Fold every non-ASCII character of UTF-8 bytes in place."""
    leads = np.flatnonzero(data >= 0xC0)
    lead = data[leads].astype(np.int64)
    size = 2 + (lead >= 0xE0).astype(np.int64) + (lead >= 0xF0)
    code = lead & (0x7F >> size)
    for k in range(1, 4):
        more = size > k
        code[more] = (code[more] << 6) | (data[leads[more] + k] & 0x3F)
    codes, which = np.unique(code, return_inverse=True)
    forms = [fold_character(int(c)) for c in codes]
    table = np.array([list(f.ljust(4, b"\0")) for f in forms], dtype=np.uint8).reshape(-1, 4)
    for k in range(4):
        inside = size > k
        data[leads[inside] + k] = table[which[inside], k]


def _mend(pieces: list[bytes]) -> list[bytes]:
    """Resolve HTML entities and join decomposed Korean syllables, in the few documents that have any."""
    for i, piece in enumerate(pieces):
        if b"&" in piece and _ENTITY.search(piece):
            pieces[i] = html.unescape(piece.decode("utf-8")).encode()
        if b"\xe1" in piece and _JAMO.search(text := pieces[i].decode("utf-8")):
            pieces[i] = unicodedata.normalize("NFC", text).encode()
    return pieces


def _fold(first: int, pieces: list[bytes]) -> Folded:
    pieces = _mend(pieces)
    starts = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(p) + 1 for p in pieces], out=starts[1:])
    joined = b"\n".join(pieces) + b"\n"
    if not joined.isascii():
        data = np.frombuffer(bytearray(joined), dtype=np.uint8)
        _fold_non_ascii(data)
        joined = data.tobytes()
    dropped = np.frombuffer(joined, dtype=np.uint8)
    gone = np.flatnonzero((dropped == _DROPPED[0]) | (dropped == _DROPPED[1]))
    # eight spaces on both sides: words are read eight bytes at a time, and none may touch an edge
    cased = b" " * 8 + joined.translate(_ASCII, _DROPPED) + b" " * 8
    data, upper = (np.frombuffer(b, dtype=np.uint8) for b in (cased.lower(), cased))
    return Folded(first, 8 + starts - np.searchsorted(gone, starts), data, upper)


def fold(texts: pa.Array | pa.ChunkedArray) -> Iterator[Folded]:
    """Fold a batch of texts, some 512 KB at a time.

    Args:
        texts: string or large_string; a null counts as an empty text.

    Raises:
        TypeError: the array holds no strings.
    """
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        raise TypeError(f"texts must be an Arrow array of strings, not of {texts.type}")
    first = 0
    for array in texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]:
        large = array.fill_null("").cast(pa.large_string())
        _, offset_buffer, data_buffer = large.buffers()
        offsets = np.frombuffer(offset_buffer, dtype=np.int64)[large.offset : large.offset + len(large) + 1].tolist()
        view = memoryview(data_buffer) if data_buffer is not None else memoryview(b"")
        at = 0
        while at < len(large):
            end = at + 1
            while end < len(large) and offsets[end + 1] - offsets[at] <= CHUNK_BYTES:
                end += 1
            yield _fold(
                first + at, [bytes(view[a:b]) for a, b in zip(offsets[at:end], offsets[at + 1 : end + 1], strict=True)]
            )
            at = end
        first += len(large)
