"""Licences in feeds: RSL terms (rslstandard.org/rsl), Creative Commons elements, links of relation license. Pure."""

from __future__ import annotations

import re

from lxml import etree

from cleaning.rights.rsl import NAMESPACE

# Terms of an entry are some hundred characters; they travel with the address through the frontier and the archive.
TERMS_MAX = 4_000
_MENTIONED = re.compile(rb"rslstandard\.org/rsl|creativecommons|[\"']license[\"']", re.IGNORECASE)
_ENTRIES = frozenset({"item", "entry"})


def licenses_of(body: bytes) -> dict[str, str]:
    """The licence of each entry of an XML feed by the entry's address, as written; an entry without one has the feed's.

    The licence of the feed itself has the address "". Empty for a feed that names none or is not well-formed enough.
    """
    if not _MENTIONED.search(body):
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return {}
    if root is None:
        return {}
    found: dict[str, str] = {}
    own = next((told for element in root.iter() if not _in_entry(element) and (told := _license(element))), "")
    if own:
        found[""] = own
    for entry in root.iter():
        if _name(entry) in _ENTRIES:
            told = next((told for child in entry if (told := _license(child))), "")
            for address in _addresses(entry) if told else ():
                found[address] = told
    return found


def _license(element: etree._Element) -> str:
    """The terms or address of an element that states a licence; empty for any other."""
    name = _name(element)
    if name == "content" and etree.QName(element).namespace == NAMESPACE:
        return etree.tostring(element, encoding="unicode", with_tail=False)[:TERMS_MAX]
    if name == "license" and etree.QName(element).namespace != NAMESPACE:
        resource = next((value for key, value in element.attrib.items() if str(key).endswith("resource")), None)
        return str(resource or element.text or "").strip()[:TERMS_MAX]
    if name == "link" and (element.get("rel") or "").lower() == "license":
        return (element.get("href") or "").strip()[:TERMS_MAX]
    return ""


def _addresses(entry: etree._Element) -> list[str]:
    found = []
    for child in entry:
        if _name(child) == "link" and (child.get("rel") or "alternate").lower() == "alternate":
            found.append((child.get("href") or child.text or "").strip())
        elif _name(child) in ("origlink", "guid", "id"):
            found.append((child.text or "").strip())
    return [address for address in found if address]


def _in_entry(element: etree._Element) -> bool:
    return any(_name(above) in _ENTRIES for above in element.iterancestors())


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
