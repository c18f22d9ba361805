"""Registered domains by the public suffix list (publicsuffix.org/list), from the copy that tldextract ships.

To load and to answer once takes tldextract .23 s of CPU time (it loads requests, and builds a tree of all suffixes),
publicsuffixlist .12 s and publicsuffix2 .15 s (`python -m benchmarks.public_suffixes`); a set of the list's lines gives
the same answers in .01 s.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

# Below it stand suffixes of companies that let out names (github.io); those of registries stand above.
END_OF_REGISTRIES = "// ===END ICANN DOMAINS==="
SNAPSHOT = ".tld_set_snapshot"


@cache
def _lines() -> frozenset[str]:
    """The rules of registries; comments are among them, and no host looks like one."""
    spec = find_spec("tldextract")
    assert spec is not None
    assert spec.submodule_search_locations
    text = (Path(spec.submodule_search_locations[0]) / SNAPSHOT).read_text(encoding="utf-8")
    return frozenset(text.partition(END_OF_REGISTRIES)[0].split("\n"))


def _suffix_labels(labels: list[str]) -> int:
    """How many labels at the end of a name are its public suffix, by the algorithm of publicsuffix.org/list; 0 if no
    rule fits."""
    lines = _lines()
    for start in range(len(labels)):
        name = ".".join(labels[start:])
        if f"!{name}" in lines:
            return len(labels) - start - 1
        if name in lines or ".".join(["*", *labels[start + 1 :]]) in lines:
            return len(labels) - start
    return 0


@lru_cache(maxsize=4096)
def registered_domain(host: str) -> str:
    """The registered domain: ``example.co.uk`` of ``news.example.co.uk``.

    The last two labels if the suffix is unknown (``post.localhost``), the host itself if it has one label or is an
    address.
    """
    if _is_address(host):
        return host
    labels = host.split(".")
    suffix = _suffix_labels([_unicode(label) for label in labels])
    if suffix == len(labels):
        return host
    return ".".join(labels[-(suffix + 1 if suffix else 2) :])


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _unicode(label: str) -> str:
    """A label as the list writes it."""
    if not label.startswith("xn--"):
        return label.lower()
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
