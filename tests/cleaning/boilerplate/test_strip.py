# ruff: noqa: E501 — lines of a text are what they are
"""Rules and form on the lines of a text; nothing disappears without its rule."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning.boilerplate.rules import load_rules
from cleaning.boilerplate.strip import is_truncated, strip
from cleaning.boilerplate.structure import RemovedLine
from cleaning.lines import Line, lines_of
from cleaning.text import words

EN = load_rules().matcher("en")
PROSE = "The harbour was closed for eleven days after the storm had torn the outer wall from its bed, the harbour master said on Monday."
OTHER = "Nobody was hurt, but four boats sank at their moorings, and the insurers have not yet said what they will pay for them."


def rules_of(text: str, *, title: str = "", markup: bool = False, authors: tuple[str, ...] = ()) -> dict[str, str]:
    stripped = strip(lines_of(text), EN, title=title, authors=authors, markup=markup)
    return {removal.text: removal.rule for removal in stripped.removals}


def test_a_caption_goes_with_the_credit_directly_below_it_only() -> None:
    near = f"{PROSE}\n\nThe outer wall after the storm\n(photo credit: REUTERS)\n\n{OTHER}"
    apart = f"{PROSE}\n\nThe outer wall after the storm\n\n(photo credit: REUTERS)\n\n{OTHER}"
    assert rules_of(near)["The outer wall after the storm"] == "en/photo-credit"
    assert list(rules_of(apart)) == ["(photo credit: REUTERS)"]


def test_a_list_under_a_heading_of_related_stories_goes_up_to_the_next_prose() -> None:
    found = rules_of(f"{PROSE}\n\nRelated articles\n\nMayor resigns over the wall\n\nWind farm sold again\n\n{OTHER}")
    assert list(found) == ["Related articles", "Mayor resigns over the wall", "Wind farm sold again"]


@pytest.mark.parametrize(("items", "goes"), [(3, True), (12, False)])
def test_a_heading_above_most_of_the_text_is_the_article_s_own(items: int, goes: bool) -> None:
    listed = [f"Mayor {n} resigns over the wall" for n in range(items)]
    found = rules_of("\n\n".join([PROSE, "Related articles", *listed, OTHER]))
    assert list(found) == (["Related articles", *listed] if goes else ["Related articles"])


def test_on_a_page_only_links_below_such_a_heading_go() -> None:
    lines = [
        Line(PROSE),
        Line("Recommended", "heading"),
        Line("Two spoons of salt", "list-item"),
        Line("Wall sold", "list-item", 1.0),
    ]
    stripped = strip(lines, EN, title="", markup=True)
    assert [removal.text for removal in stripped.removals] == ["Recommended"]


def test_comments_at_the_end_go_and_the_word_in_the_middle_does_not() -> None:
    end = f"{PROSE}\n\n{OTHER}\n\nComments\n\nWhat a storm that was."
    assert rules_of(end)["What a storm that was."] == "en/comments"
    assert "What a storm that was." not in rules_of(f"Comments\n\nWhat a storm that was.\n\n{PROSE}\n\n{OTHER}")


def test_of_a_repeated_paragraph_one_copy_stays() -> None:
    stripped = strip(lines_of(f"{PROSE}\n{OTHER}\n{PROSE}"), EN, title="", markup=False)
    assert [line.text for line in stripped.kept] == [PROSE, OTHER]
    assert stripped.removals[0].rule == "structure/repeated"


def test_the_heading_of_a_sign_up_box_goes_with_the_box() -> None:
    lines = [
        Line(PROSE),
        Line("The morning briefing", "heading"),
        Line("Sign up for our daily newsletter"),
        Line("After the storm", "heading"),
        Line(OTHER),
    ]
    stripped = strip(lines, EN, title="", markup=True)
    assert [line.text for line in stripped.kept] == [PROSE, "After the storm", OTHER]


def test_a_key_point_that_the_text_repeats_is_no_pull_quote() -> None:
    assert rules_of(f"The harbour was closed for eleven days after the storm\n\n{PROSE}\n\n{OTHER}") == {}


def test_a_line_that_names_the_authors_goes() -> None:
    text = f"By Jane Doe and Ola Berg, 12 May 2024\n\n{PROSE}\n\nJane Doe said that she would not go inside the tower again."
    assert list(rules_of(text, authors=("Jane Doe", "Ola Berg"))) == ["By Jane Doe and Ola Berg, 12 May 2024"]


def test_a_rule_gives_its_name_to_what_the_model_took_with_its_probability() -> None:
    lines = [Line(PROSE), Line("Share this article"), Line("Some other thing entirely")]
    model = {1: RemovedLine("model/boilerplate", "w", 0.9), 2: RemovedLine("model/boilerplate", "w", 0.8)}
    stripped = strip(lines, EN, title="", markup=True, taken=model)
    assert [(r.rule, r.probability) for r in stripped.removals] == [("en/share", 0.9), ("model/boilerplate", 0.8)]


def test_form_alone_does_not_take_what_the_model_is_sure_of_and_a_rule_does() -> None:
    lines = [
        Line(PROSE, doubt=0.01),
        Line(OTHER, doubt=0.01),
        Line(PROSE, doubt=0.01),
        Line("Follow us on Twitter", doubt=0.01),
    ]
    stripped = strip(lines, EN, title="", markup=True)
    assert [removal.rule for removal in stripped.removals] == ["en/follow-us"]


def test_prose_that_the_model_keeps_after_the_comments_stays() -> None:
    lines = [
        Line(PROSE),
        Line(OTHER),
        Line("Comments", "heading"),
        Line("Reply to this"),
        Line(OTHER.replace("four", "nine")),
    ]
    stripped = strip(lines, EN, title="", markup=True)
    assert [removal.text for removal in stripped.removals] == ["Comments", "Reply to this"]


def test_a_text_that_breaks_off_says_so() -> None:
    def truncated(text: str) -> bool:
        stripped = strip(lines_of(text), EN, title="", markup=False)
        return is_truncated(stripped, "\n\n".join(line.text for line in stripped.kept))

    assert truncated(f"{PROSE}\n\nSubscribe to continue reading")
    assert truncated(f"{PROSE}\n\nThe captain had never …")
    assert not truncated(f"{PROSE}\n\n{OTHER}")


LINES = st.sampled_from(
    [PROSE, OTHER, "Related articles", "Comments", "Share", "Mayor resigns", "Photo: AFP", "A", "“Yes.”", "…", ""]
)


@settings(deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=60)), max_size=25), st.booleans())
def test_kept_and_removed_together_are_what_came_in(parts: list[str], markup: bool) -> None:
    lines = lines_of("\n".join(parts))
    stripped = strip(lines, EN, title="Mayor resigns", markup=markup)
    out = [line.text for line in stripped.kept] + [removal.text for removal in stripped.removals]
    assert sorted(w for text in out for w in words(text)) == sorted(w for line in lines for w in words(line.text))
    assert all(0 <= removal.position < len(lines) for removal in stripped.removals)


def test_a_standfirst_that_ends_in_a_byline_stays_and_a_byline_goes() -> None:
    standfirst = "Our harbour can do everything but wait! A comment by Jane Doe"
    for line, kept in (
        (standfirst, True),
        ("By Jane Doe, 12 May 2024", False),
        ("The outer wall after the great storm. | Photo by Jane Doe", False),
        ("Jane Doe reports from the northern harbour. Updated at noon", False),
    ):
        lines = [
            Line(line, "paragraph"),
            Line("The ferries stayed in port on Monday, and nobody knew why.", "paragraph"),
        ]
        stripped = strip(lines, EN, title="", authors=["Jane Doe"], markup=True)
        assert (line in [one.text for one in stripped.kept]) is kept
