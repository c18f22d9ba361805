"""Whether the body of a response is a page."""

from __future__ import annotations

_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
# A response without a type is judged by these first bytes (RFC 9110, 8.3).
_SNIFFED = 512


def is_page(content_type: str | None, body: bytes) -> bool:
    """Whether a body is a page: decided by its content type, or by its first bytes if there is none."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind:
        return kind in _PAGE_TYPES
    return b"<" in body[:_SNIFFED] and b"\x00" not in body[:_SNIFFED]
