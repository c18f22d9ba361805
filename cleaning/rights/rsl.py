"""Terms of Really Simple Licensing 1.0 (rslstandard.org/rsl, 2025): documents, inline in pages, and in feeds."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from cleaning.rights.path_patterns import covers
from cleaning.rights.vocabulary import Use, Uses, vocabulary

NAMESPACE = "https://rslstandard.org/rsl"
# Terms are a page of XML; a longer document is none.
MAX_CHARS = 1_000_000
# Payment that costs no money.
_FREE = frozenset({"free", "attribution"})
# What a licence that must be bought, or that lists other uses only, withholds. Research is not a use that RSL knows.
_WITHHELD = frozenset({Use.SEARCH, Use.TRAIN})


class RslError(ValueError):
    """Text that is no RSL document."""


def forbidden_by_terms(document: str, url: str) -> Uses | None:
    """The uses that a document's terms withhold from a page; None where none of its contents covers the page.

    Several licences of one content are alternatives: a use is withheld if each of them withholds it.

    Raises:
        RslError: the text is no RSL document.
    """
    root = _parse(document)
    covering = [
        (len(pattern), content)
        for content in ([root] if _name(root) == "content" else _children(root, "content"))
        # an empty pattern stands for the page that carries the terms
        if not (pattern := content.get("url") or "") or covers(pattern, url)
    ]
    if not covering:
        licenses = [root] if _name(root) == "license" else _children(root, "license")
        return _withheld_by_all(licenses) if licenses else None
    longest = max(length for length, _ in covering)
    result: Uses = frozenset()
    for length, content in covering:
        if length == longest:
            result |= _withheld_by_all(_children(content, "license"))
    return result


def _withheld_by_all(licenses: list[etree._Element]) -> Uses:
    offered = [_withheld(one) for one in licenses]
    return frozenset.intersection(*offered) if offered else frozenset({Use.TRAIN})


def _withheld(license: etree._Element) -> Uses:
    """The uses that one licence does not grant for nothing."""
    permits, prohibits = (_usages(license, kind) for kind in ("permits", "prohibits"))
    withheld = _covered(prohibits)
    if permits:
        withheld |= _WITHHELD - _covered(permits)
    payments = _children(license, "payment")
    if payments and not any((payment.get("type") or "free").lower() in _FREE for payment in payments):
        withheld |= _WITHHELD
    return withheld


def _usages(license: etree._Element, kind: str) -> list[str]:
    found: list[str] = []
    for element in _children(license, kind):
        if (element.get("type") or "usage").lower() == "usage":
            found += (element.text or "").replace(",", " ").lower().split()
    return found


def _covered(usages: Iterable[str]) -> Uses:
    labels = vocabulary().labels["rsl"]
    return frozenset(use for usage in usages if usage in labels for use in labels[usage].covers)


def _parse(document: str) -> etree._Element:
    # Entities are not resolved and nothing is loaded: the document is somebody else's.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(document[:MAX_CHARS].strip().encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RslError(f"no XML: {error}") from error
    if _name(root) not in ("rsl", "content", "license"):
        raise RslError(f"no RSL: its root is {root.tag}")
    return root


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if _name(child) == name]
