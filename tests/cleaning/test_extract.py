"""Which plain lists and tables between two kept lines belong to the article, whatever the model says of them."""

from cleaning.blocks import Verdict, segment
from cleaning.extract import _stays_between
from tests.cleaning.blocks.pages import tree_of

PROSE = "<p>The ferry has sailed since May.</p>"
BOX = "<div>Support us</div>"
ITEMS = "<ul><li>It carries two hundred hens.</li><li>It carries a piano.</li></ul>"
TABLE = "<table><tr><td>Pier</td><td>9</td></tr><tr><td>Wall</td><td>18</td></tr></table>"
ROW = "<table><tr><td>Pier</td><td>9</td></tr></table>"


def stays(*parts: str) -> set[str]:
    """Texts that stay where the model keeps paragraphs only."""
    page = segment(tree_of(f"<html><body>{''.join(parts)}</body></html>"))
    verdicts = [
        Verdict(block, block.kind == "paragraph", 0.1 if block.kind == "paragraph" else 0.7) for block in page.blocks
    ]
    return {page.texts[n] for n in _stays_between(verdicts)}


def test_a_plain_list_or_table_between_two_kept_lines_stays() -> None:
    assert stays(PROSE, ITEMS, PROSE) == {"It carries two hundred hens.", "It carries a piano."}
    assert stays(PROSE, TABLE, PROSE) == {"Pier 9", "Wall 18"}
    assert stays(ITEMS, PROSE, ITEMS) == set()


def test_rows_of_a_table_stay_beside_a_box_and_one_row_does_not() -> None:
    assert stays(PROSE, BOX, TABLE, PROSE) == {"Pier 9", "Wall 18"}
    assert stays(PROSE, BOX, ROW, PROSE) == set()


def test_comments_between_two_kept_comments_do_not_stay() -> None:
    assert stays(PROSE, ITEMS.replace("<ul", '<ul class="comment-list"'), PROSE) == set()
