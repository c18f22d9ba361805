"""Texts as one array of bytes, folded so that re-typed, re-encoded and re-cased copies look alike.

Folded are: HTML entities, Unicode compatibility forms (NFKC), case, accents on Latin, Greek and Cyrillic letters,
apostrophes and zero-width characters (dropped), all other punctuation (one space). Letters of other scripts stay as
their UTF-8 bytes. Every character's folded form takes at most as many bytes as the character did, so the work is done
in place, for a whole batch at once.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
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

# Placed after each document while a piece is folded: no byte of UTF-8 has this value.
_END = b"\xff"
# Words are read eight bytes at a time, and none may touch an edge.
_PAD = b" " * 8
# Apostrophes are dropped rather than made spaces, so that "don't", "don’t" and "dont" are one word.
_ASCII = bytes(i if i == NEWLINE or i >= 0x80 or chr(i).isalnum() else SPACE for i in range(256))
_DROPPED = (b"'", bytes([DROP]))
_ENTITY = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_JAMO = re.compile(rb"\xe1[\x84-\x87]")  # U+1100 to 11FF
_LAST_MARKED = 0x0530  # Latin, Greek and Cyrillic end here: elsewhere marks are vowels, not accents


@dataclass(frozen=True, slots=True)
class Folded:
    """Some documents of a batch: letters, digits, spaces and line ends, padded with spaces.

    ``starts`` has one entry per document and one more: document i is ``data[starts[i]:starts[i + 1]]``.
    ``cased`` is the same with ASCII capitals left as they were.
    """

    first: int  # number of the first document in its batch
    starts: Ints
    breaks: Ints  # where a line or document ends
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
    # a capital that becomes an ASCII letter stays a capital, since names are recognised by it; data is lowered as a
    # whole
    form = "".join(str(unicodedata.decimal(c, c if c.isascii() else c.casefold())) for c in form)
    folded = b"".join(c.encode() if unicodedata.category(c)[0] in "LMN" else b" " for c in form)
    if len(folded) > room:
        folded = character.encode("utf-8", "surrogatepass") if unicodedata.category(character)[0] in "LMN" else b" "
    return folded.translate(_ASCII).ljust(room, bytes([DROP]))


def _fold_non_ascii(data: Bytes) -> None:
    """Fold every non-ASCII character of UTF-8 bytes in place."""
    leads = np.flatnonzero(data >= 0xC0)
    lead = data[leads]
    # by the length of the character's UTF-8 form: lead bytes from and to, and the bits of the code in all its bytes
    for size, low, high, bits in ((2, 0xC0, 0xE0, 11), (3, 0xE0, 0xF0, 16), (4, 0xF0, 0xF8, 21)):
        at = leads[(lead >= low) & (lead < high)]
        if not len(at):
            continue
        code = (data[at] & (0x7F >> size)).astype(np.int64)
        for k in range(1, size):
            code <<= 6
            code |= data[at + k] & 0x3F
        there = np.zeros(1 << bits, dtype=np.bool_)
        there[code] = True
        codes = np.flatnonzero(there)
        number = np.empty(1 << bits, dtype=np.int32)  # left empty except for the codes that occur
        number[codes] = np.arange(len(codes))
        forms = np.frombuffer(b"".join(map(fold_character, codes.tolist())), dtype=np.uint8).reshape(-1, size)
        which = number[code]
        for k in range(size):
            data[at + k] = forms[which, k]


def _resolve_entities(joined: bytes) -> bytes:
    """Replace HTML entities by the characters that they stand for."""
    parts, done = [], 0
    at = joined.find(b"&")
    while at >= 0:
        if entity := _ENTITY.match(joined, at):
            parts += [joined[done:at], html.unescape(entity[0].decode()).encode()]
            done = entity.end()
        at = joined.find(b"&", max(at + 1, done))
    return b"".join([*parts, joined[done:]]) if parts else joined


def _compose_korean(joined: bytes) -> bytes:
    """Join decomposed Korean syllables, in the few documents that have any."""
    pieces = joined.split(_END)
    for i, piece in enumerate(pieces):
        if _JAMO.search(piece):
            pieces[i] = unicodedata.normalize("NFC", piece.decode("utf-8")).encode()
    return _END.join(pieces)


def _fold(first: int, pieces: Sequence[bytes | memoryview]) -> Folded:
    joined = _resolve_entities(_END.join(pieces) + _END)
    if b"\xe1" in joined and _JAMO.search(joined):
        joined = _compose_korean(joined)
    characters = np.frombuffer(bytearray(joined), dtype=np.uint8)
    _fold_non_ascii(characters)
    joined = characters.tobytes()
    for dropped in _DROPPED:
        joined = joined.replace(dropped, b"")
    cased = np.frombuffer(bytearray(b"".join((_PAD, joined, _PAD))), dtype=np.uint8)
    breaks = np.flatnonzero((cased == NEWLINE) | (cased == _END[0]))
    ends = breaks[cased[breaks] == _END[0]]
    if len(ends) != len(pieces):
        raise ValueError("a text is not UTF-8; decode the column again, or leave the row out")
    cased[ends] = NEWLINE
    # unsigned differences wrap, so that one comparison tests both ends of a range
    kept = ((cased | 0x20) - np.uint8(ord("a"))) < 26
    kept |= (cased - np.uint8(ord("0"))) < 10
    kept |= cased >= 0x80
    kept |= cased == NEWLINE
    cased &= _mask(kept)
    cased |= _mask(~kept) & SPACE
    data = _mask((cased - np.uint8(ord("A"))) < 26)
    data &= 0x20
    data |= cased
    starts = np.empty(len(ends) + 1, dtype=np.int64)
    starts[0] = len(_PAD)
    np.add(ends, 1, out=starts[1:])
    return Folded(first, starts, breaks, data, cased)


def _mask(flags: npt.NDArray[np.bool_]) -> Bytes:
    """All bits set wherever the flag is."""
    return np.negative(flags.view(np.uint8))


def _reuse_memory() -> None:
    """Let the C library keep the memory of freed arrays for the next ones.

    Blocks above a threshold are taken from the system each time, and their pages are cleared again: half the time of
    the first batch. The threshold rises to the largest block freed so far, up to 32 MB (mallopt(3), M_MMAP_THRESHOLD).
    The block allocated for this is never touched, so it takes no memory.
    """
    np.empty(31 << 20, dtype=np.uint8)


def fold(texts: pa.Array | pa.ChunkedArray) -> Iterator[Folded]:
    """Fold a batch of texts, some 512 KB at a time.

    Args:
        texts: string or large_string; a null counts as an empty text.

    Raises:
        TypeError: the array does not contain strings.
        ValueError: a string is not UTF-8.
    """
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        raise TypeError(f"texts must be an Arrow array of strings, not of {texts.type}")
    _reuse_memory()
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
            pieces = [view[a:b] for a, b in zip(offsets[at:end], offsets[at + 1 : end + 1], strict=True)]
            yield _fold(first + at, pieces)
            at = end
        first += len(large)
