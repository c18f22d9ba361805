"""The canonical form of a URL, and the identity of the article behind it.

Normal form after RFC 3986 §6.2.2 and §6.2.3 (case, percent-encoding, dot segments, default port), then what
cleaning/tracking.toml lists: parameters that track readers, and AMP, mobile and print variants.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from cleaning.public_suffixes import registered_domain

DATA = resources.files("cleaning") / "tracking.toml"
DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 3986 §3.3 and §3.4: what may appear unescaped in a path and in a query, besides letters, digits and -._~
PATH_SAFE = "/:@!$&'()*+,;="
QUERY_SAFE = "/:@!$'()*,;?"
ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
AMP_CACHE = re.compile(r"^/(?:[acv]|wp)/(?:s/)?([^/]+\.[^/]+)(/.*)?$")
GOOGLE_AMP = re.compile(r"^/amp/(?:s/)?([^/]+\.[^/]+)(/.*)?$")


class _Tracking:
    """The data of tracking.toml, ready for look-up."""

    def __init__(self, data: dict[str, dict[str, object]]) -> None:
        names = [name.lower() for name in _strings(data["parameters"]["names"])]
        variants = data["variants"]
        self.exact = frozenset(name for name in names if not name.endswith("*"))
        self.prefixes = tuple(name[:-1] for name in names if name.endswith("*"))
        parameters = variants["parameters"]
        assert isinstance(parameters, dict)
        self.variants = {name: frozenset(_strings(values)) for name, values in parameters.items()}
        self.labels = frozenset(_strings(variants["host_labels"]))
        self.suffixes = tuple(_strings(variants["path_suffixes"]))
        endings = variants["path_endings"]
        assert isinstance(endings, dict)
        self.endings = {str(old): str(new) for old, new in endings.items()}
        self.path_prefixes = tuple(_strings(variants["path_prefixes"]))

    def drops(self, name: str, value: str) -> bool:
        """Whether this parameter makes no difference to what is shown."""
        name = name.lower()
        if name in self.exact or name.startswith(self.prefixes):
            return True
        values = self.variants.get(name)
        return values is not None and (not values or value.lower() in values)


def _strings(values: object) -> list[str]:
    assert isinstance(values, Iterable)
    return [str(value) for value in values]


@cache
def _tracking() -> _Tracking:
    return _Tracking(tomllib.loads(DATA.read_text(encoding="utf-8")))


@lru_cache(maxsize=4096)
def _bare_host(host: str) -> str:
    """A host without www, mobile and AMP labels before its registered domain."""
    domain = registered_domain(host)
    while host != domain and "." in host:
        label, rest = host.split(".", 1)
        if label not in _tracking().labels or not (rest == domain or rest.endswith("." + domain)):
            break
        host = rest
    return host


def _ascii_host(host: str) -> str:
    host = host.strip(".").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return quote(host, safe="")


def _normal_escapes(text: str, safe: str) -> str:
    """Percent-encoding in its normal form: unreserved characters bare, the others escaped in upper case."""

    def plain(match: re.Match[str]) -> str:
        byte = int(match[1], 16)
        return chr(byte) if byte in UNRESERVED else f"%{match[1].upper()}"

    return quote(ESCAPED.sub(plain, text), safe=safe + "%~")


def _percent_stray(text: str) -> str:
    """Escape a percent sign that escapes nothing, so that the normal form contains only real escapes."""
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)


def _remove_dots(path: str) -> str:
    """RFC 3986 §5.2.4, with runs of slashes collapsed to one."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept)


def _path(path: str) -> str:
    path = _remove_dots(_normal_escapes(_percent_stray(path), PATH_SAFE))
    data = _tracking()
    changed = True
    while changed:
        changed = False
        for suffix in data.suffixes:
            if path.endswith(suffix) and len(path) > len(suffix):
                path, changed = path[: -len(suffix)], True
        for old, new in data.endings.items():
            if path.endswith(old) and len(path) > len(old) + 1:
                path, changed = path[: -len(old)] + new, True
        for prefix in data.path_prefixes:
            if path.startswith(prefix) and len(path) > len(prefix):
                path, changed = "/" + path[len(prefix) :], True
    return path or "/"


def _query(query: str) -> str:
    kept: list[tuple[str, str, str]] = []
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if not name or _tracking().drops(unquote(name), unquote(value)):
            continue
        name, value = (_normal_escapes(_percent_stray(piece), QUERY_SAFE) for piece in (name, value))
        kept.append((name, equals if value else "", value))
    return "&".join(name + equals + value for name, equals, value in sorted(set(kept)))


def _unwrap(parts: SplitResult, host: str) -> str | None:
    """The address inside an AMP cache's address (cdn.ampproject.org, google.com/amp); None if there is none."""
    if host.endswith(".cdn.ampproject.org") or host == "cdn.ampproject.org":
        inner = AMP_CACHE.match(parts.path)
    elif host in ("google.com", "www.google.com"):
        inner = GOOGLE_AMP.match(parts.path)
    else:
        return None
    return f"https://{inner[1]}{inner[2] or '/'}" + (f"?{parts.query}" if parts.query else "") if inner else None


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in DEFAULT_PORTS and parts.hostname else None


def canonical_url(url: str) -> str:
    """The normal form of a URL: two addresses of one article become one string. Idempotent.

    The scheme becomes https unless a port is given, since stories are served under both. Anything that is not an
    http(s) URL (a file path) is returned trimmed and otherwise unchanged.
    """
    url = re.sub(r"[\x00-\x20\x7f]+", "", url) if "://" in url[:12] else url.strip()
    parts = _split(url)
    if parts is None:
        return url
    host = _ascii_host(parts.hostname or "")
    inner = _unwrap(parts, host)
    if inner is not None and inner != url:
        return canonical_url(inner)
    host = _bare_host(host)
    if not host:
        return url
    port = parts.port if parts.port != DEFAULT_PORTS[parts.scheme] else None
    netloc = f"[{host}]" if ":" in host else host
    netloc, scheme = (f"{netloc}:{port}", parts.scheme) if port else (netloc, "https")
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit(
        (scheme, netloc, _path(parts.path), _query(parts.query), _normal_escapes(_percent_stray(fragment), QUERY_SAFE))
    )


def path_and_query(url: str) -> tuple[str, str]:
    """Path and query of an address; one that cannot be split is all path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, ""
    return parts.path, parts.query


def host_of(url: str) -> str:
    """The host of a URL in lower case, without ``www.``, mobile and AMP labels and port; empty if it has none."""
    parts = _split(url.strip())
    return _bare_host(_ascii_host(parts.hostname or "")) if parts else ""


def article_id(canonical: str) -> str:
    """The first 128 bits of the SHA-256 of a canonical URL, as 32 hex digits."""
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).digest()[:16].hex()


def credible_canonical(page_url: str, stated: str | None) -> str | None:
    """What a page's own rel=canonical or og:url is worth: its canonical form, or None.

    It is believed only on the same registered domain, and not if it names the home page while the page is another one:
    templates that point every story at the front page would make all of a site one article.
    """
    if not stated or not stated.strip():
        return None
    joined = absolute(page_url, stated)
    theirs = _split(joined)
    if theirs is None:
        return None
    found = canonical_url(joined)
    if _split(page_url) is None:
        return found if urlsplit(found).path != "/" else None
    ours, other = host_of(page_url), host_of(found)
    if registered_domain(ours) != registered_domain(other):
        return None
    mine, its = urlsplit(canonical_url(page_url)), urlsplit(found)
    if its.path == "/" and not its.query and (mine.path != "/" or mine.query):
        return None
    return found


def absolute(base: str, link: str) -> str:
    """A link on a page as an absolute URL; the link itself if it cannot be joined."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return link.strip()
