"""What a response says against archiving and mining: robots tags, the W3C's TDM reservation, AI opt-outs. Pure."""

from __future__ import annotations

import re

# noarchive: robots meta of the search engines; noai, noimageai: DeviantArt's, now common; notrain: Meta's and others'.
RESERVING = frozenset({"noarchive", "noai", "notrain", "noml"})
# Where <head> ends in practice; reading on would find such words in articles about them.
_HEAD_BYTES = 65_536
_META = re.compile(rb"<meta\s[^>]*>", re.IGNORECASE)
_NAME = re.compile(rb"name\s*=\s*[\"']?([a-z-]+)", re.IGNORECASE)
_CONTENT = re.compile(rb"content\s*=\s*[\"']?([^\"'>]*)", re.IGNORECASE)


def reservation(robots_tag: str | None, tdm_header: str | None, body: bytes) -> str | None:
    """What reserves the page, in words for a person; None if nothing does."""
    if tdm_header is not None and tdm_header.split(",")[0].strip() == "1":
        return "tdm-reservation header"
    found = _words(robots_tag or "") & RESERVING
    if found:
        return f"X-Robots-Tag: {', '.join(sorted(found))}"
    for tag in _META.findall(body[:_HEAD_BYTES]):
        name, content = _NAME.search(tag), _CONTENT.search(tag)
        if not name or not content:
            continue
        label, value = name[1].lower().decode(), content[1].decode("utf-8", "replace")
        if label == "tdm-reservation" and value.strip() == "1":
            return "meta tdm-reservation"
        if label in ("robots", "newsmill") and _words(value) & RESERVING:
            return f"meta {label}: {value.strip()}"
    return None


def _words(value: str) -> set[str]:
    """Directives of a robots value; ``bot: noai`` for another bot counts too, to be on the safe side."""
    return {word.strip().lower() for word in re.split(r"[,:;]", value)}
