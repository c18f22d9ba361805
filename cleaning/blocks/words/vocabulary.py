"""What a class name or id says about the text below it: groups of words, as bits.

The words are those that publishers' templates use, in English because templates are written in English; where a
language has its own (``zwischenzeile``, ``chapo``) it is listed with its group. The groups are features of the block
model, never rules: ``footer`` in a class name removes nothing by itself.

A name is split at every character that is not a letter and at capitals in camelCase, and then read as a chain of known
words: ``articleBody``, ``article-body`` and ``articlebody`` mean the same. An unknown beginning ends the reading of its
part.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = """
comment: comment disqus kommentar komment commentaire comentario discussion respond reply replies livefyre coral
    forum
share: share sharing social follow facebook twitter whatsapp addtoany teilen compartir partage like likes reddit
    linkedin pinterest telegram
signup: newsletter subscri signup optin mailchimp paywall piano login register regwall abo abonn membership
    donat support email mail
related: related relat recommend readmore read more also similar popular trending trend most latest recent
    further verwandt mehr weitere weiterlesen lire relacionad correlat outbrain taboola recirc next prev
    previous upnext promoted linklist links link onward
caption: caption credit legend image img photo picture figure fig bild foto copyright media gallery galerie
    video player slide carousel slider
author: author byline bio biograph autor writer contributor avatar profile auteur verfasser creator
promo: ad ads adv advert advertisement adslot anzeige sponsor promo promotion banner werbung publicid affiliate
    shop product cta offer dfp gpt commerce deal outstream
nav: nav navi navigation navbar menu breadcrumb skip pagination pager toolbar topbar tab tabs search sitemap
footer: footer foot colophon legal imprint impressum disclaimer bottom
header: header masthead head top hero
title: title headline heading kicker overline titre titulo titel subhead subheading subheadline zwischen
    crosshead h1 h2 h3 h4
standfirst: standfirst teaser lead lede dek intro introduction summary abstract excerpt chapo entradilla
    subtitle subtitre description desc vorspann strapline deck ingress bajada sommario keypoint key takeaway
    highlight
body: body content contents contenido inhalt article story entry post text txt richtext rich prose paragraph
    para artikel articulo cuerpo corps wysiwyg markdown main single editor copy
aside: sidebar aside widget rail column secondary module box infobox factbox card tile grid list item items
    block
meta: meta tag tags taglist category categories topic topics keyword keywords date datetime time timestamp stamp
    published updated label labels info readtime schlagwort schlagworte badge
popup: cookie consent gdpr modal popup overlay dialog lightbox tooltip notice notification alert toast dropdown
    accordion hidden hide sr screenreader visually collapse
quote: quote pullquote zitat blockquote citation cite testimonial
embed: embed iframe tweet instagram youtube vimeo oembed
toc: toc tableofcontents faq contents index
print: print actions action button btn tools tool control controls icon
"""


def _groups() -> dict[str, tuple[str, ...]]:
    """The table above, parsed: a line that is not indented starts a group."""
    lines = _WORDS.strip().replace("\n    ", " ").split("\n")
    pairs = (line.split(": ", 1) for line in lines)
    return {name: tuple(words.split()) for name, words in pairs}


GROUPS = _groups()
NAMES: tuple[str, ...] = tuple(GROUPS)
_PART = re.compile(r"[A-Z]?[a-z]+(?:[1-4](?![0-9]))?|[A-Z]+(?![a-z])")
_MAX_PARTS = 24  # utility-class soups (Tailwind) say nothing beyond this


def _bits() -> dict[str, int]:
    bits: dict[str, int] = {}
    for n, words in enumerate(GROUPS.values()):
        for word in words:
            bits[word] = bits.get(word, 0) | 1 << n
    return bits


_BITS = _bits()
_LONGEST = max(map(len, _BITS))
_WHOLE_ONLY = (
    3  # words of at most this many letters must fill the rest of their part: `ad` is not the start of `address`
)


@lru_cache(maxsize=65536)
def _part_mask(part: str) -> int:
    mask = 0
    while part:
        for size in range(min(len(part), _LONGEST), 1, -1):
            bits = _BITS.get(part[:size])
            if bits is not None and (size > _WHOLE_ONLY or size == len(part)):
                mask |= bits
                part = part[size:]
                break
        else:
            break
    return mask


@lru_cache(maxsize=65536)
def _name_mask(name: str) -> tuple[int, int]:
    """Bits of one name, and the number of parts it has."""
    mask = 0
    parts = _PART.findall(name)
    for part in parts:
        mask |= _part_mask(part.lower())
    return mask, len(parts)


@lru_cache(maxsize=16384)
def class_mask(names: str) -> int:
    """Bits of the groups that a class attribute or id names; 0 for none. Bit n stands for ``NAMES[n]``."""
    mask = parts = 0
    for name in names.split():
        bits, count = _name_mask(name)
        if parts + count > _MAX_PARTS:
            for part in _PART.findall(name)[: _MAX_PARTS - parts]:
                mask |= _part_mask(part.lower())
            break
        mask |= bits
        parts += count
    return mask
