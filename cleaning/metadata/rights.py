"""What a page says about access and reuse: its paywall, and the publisher's signals (cleaning.rights)."""

from __future__ import annotations

from dataclasses import dataclass

from cleaning.metadata.head import Head
from cleaning.metadata.jsonld import Json
from cleaning.records import RawPage, Signal
from cleaning.rights.page_signals import METAS, RSL_TYPE, Declared, absolute_links
from cleaning.rights.reader import allowed_uses, license_of, read_signals
from cleaning.rights.vocabulary import vocabulary

TIER_METAS = ("article:content_tier", "og:article:content_tier", "content_tier")


@dataclass(frozen=True, slots=True)
class Rights:
    """Access and reuse as the page, its response and its site state them."""

    paywalled: bool
    signals: tuple[Signal, ...]
    allowed: tuple[str, ...] | None  # of search, research, train; None if signals were not read
    license: str | None

    @property
    def opted_out(self) -> bool:
        """Whether training is reserved."""
        return self.allowed is not None and "train" not in self.allowed


def _false(value: Json) -> bool:
    return value is False or (
        isinstance(value, str) and value.strip().lower().rsplit("/", 1)[-1] in ("false", "no", "0")
    )


def read_rights(page: RawPage, head: Head, catalogue_license: str) -> Rights:
    """Paywall by schema.org isAccessibleForFree or content tier; reuse by every signal of cleaning/rights."""
    not_free = any(_false(node.raw("isAccessibleForFree")) for node in head.articles or head.nodes)
    paywalled = not_free or any(
        value.lower() in ("locked", "metered", "premium") for name in TIER_METAS for value in head.metas.get(name, ())
    )
    wanted = vocabulary().agents | METAS
    declared = Declared(
        metas=tuple((name, value) for name, values in head.metas.items() if name in wanted for value in values),
        license_links=absolute_links(page.url, head.licenses),
        rsl=tuple(
            script.text or ""
            for script in head.tree.iter("script")
            if (script.get("type") or "").strip().lower() == RSL_TYPE and (script.text or "").strip()
        ),
        licenses=tuple(dict.fromkeys(text for node in head.articles for text in node.texts("license"))),
        not_free=not_free,
    )
    signals = read_signals(page, declared)
    return Rights(paywalled, signals, allowed_uses(signals), license_of(catalogue_license, signals))
