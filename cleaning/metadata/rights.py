"""What a page says about access and reuse: paywall, and the reservation of text and data mining."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cleaning.metadata.head import Head
from cleaning.metadata.jsonld import Json
from cleaning.records import RawPage

# directives about AI training: noai and noimageai (DeviantArt 2022, adopted by others since)
NO_TRAINING = re.compile(r"\bno-?(?:image)?ai\b|\bno-?ml\b|\bai-train\s*=\s*n", re.IGNORECASE)
ROBOTS_METAS = ("robots", "googlebot", "googlebot-news", "bingbot", "ai-robots")
TIER_METAS = ("article:content_tier", "og:article:content_tier", "content_tier")


@dataclass(frozen=True, slots=True)
class Rights:
    """Access and reuse as the page and its response headers state them."""

    paywalled: bool
    opted_out: bool
    evidence: str  # for the opt-out, in words for a person; empty if there is none


def _false(value: Json) -> bool:
    return value is False or (
        isinstance(value, str) and value.strip().lower().rsplit("/", 1)[-1] in ("false", "no", "0")
    )


def read_rights(page: RawPage, head: Head) -> Rights:
    """Paywall by schema.org isAccessibleForFree or content tier; opt-out by robots (meta and header) and W3C TDMRep."""
    paywalled = any(_false(node.raw("isAccessibleForFree")) for node in head.articles or head.nodes)
    paywalled |= any(
        value.lower() in ("locked", "metered", "premium") for name in TIER_METAS for value in head.metas.get(name, ())
    )
    evidence = ""
    for name, value in [("X-Robots-Tag", page.robots_tag or "")] + [
        (f"meta {n}", v) for n in ROBOTS_METAS for v in head.metas.get(n, ())
    ]:
        if NO_TRAINING.search(value):
            evidence = f"{name}: {value[:100]}"
            break
    if not evidence:
        for name, reserved in (
            ("tdm-reservation header", page.tdm_reservation),
            ("meta tdm-reservation", head.meta("tdm-reservation")),
        ):
            if reserved is not None and reserved.strip() == "1":
                evidence = f"{name}: 1"
                break
    return Rights(paywalled, bool(evidence), evidence)
