"""Posts as the formats that publishing systems take: HTML blocks, Markdown, front matter."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from itertools import groupby

from tests.world.content import Block

# A picture of one pixel, so that captions stand below something.
PIXEL = "/images/pixel.gif"
PIXEL_BYTES = bytes.fromhex("47494638396101000100800000c8c8c8ffffff21f90401000001002c00000000010001000002024401003b")


def wordpress_blocks(blocks: Sequence[Block]) -> str:
    """What WordPress's editor stores."""
    parts = []
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        texts = [html.escape(block.text, quote=False) for block in group]
        if kind == "li":
            items = "".join(f"<!-- wp:list-item -->\n<li>{text}</li>\n<!-- /wp:list-item -->" for text in texts)
            parts.append(f"<!-- wp:list -->\n<ul>{items}</ul>\n<!-- /wp:list -->")
            continue
        parts += [_wordpress_block(kind, text) for text in texts]
    return "\n\n".join(parts)


def _wordpress_block(kind: str, text: str) -> str:
    match kind:
        case "h2":
            return f"<!-- wp:heading -->\n<h2>{text}</h2>\n<!-- /wp:heading -->"
        case "quote":
            return (
                f'<!-- wp:quote -->\n<blockquote class="wp-block-quote"><p>{text}</p></blockquote>\n<!-- /wp:quote -->'
            )
        case "figure":
            figure = f'<img src="{PIXEL}" alt=""/><figcaption class="wp-element-caption">{text}</figcaption>'
            return f'<!-- wp:image -->\n<figure class="wp-block-image size-large">{figure}</figure>\n<!-- /wp:image -->'
        case _:
            return f"<!-- wp:paragraph -->\n<p>{text}</p>\n<!-- /wp:paragraph -->"


def markdown(blocks: Sequence[Block]) -> str:
    """The text of a post in Markdown; captions as figures in HTML, as authors write them."""
    parts = []
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        texts = [block.text for block in group]
        if kind == "li":
            parts.append("\n".join(f"* {text}" for text in texts))
        else:
            parts += [_markdown_block(kind, text) for text in texts]
    return "\n\n".join(parts) + "\n"


def _markdown_block(kind: str, text: str) -> str:
    match kind:
        case "h2":
            return f"## {text}"
        case "quote":
            return f"> {text}"
        case "figure":
            caption = html.escape(text, quote=False)
            return f'<figure><img src="{PIXEL}" alt=""><figcaption>{caption}</figcaption></figure>'
        case _:
            return text


def front_matter(values: dict[str, object]) -> str:
    """YAML front matter; JSON is YAML, value by value."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    return "\n".join(("---", *lines, "---", "", ""))
