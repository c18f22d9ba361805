# ruff: noqa: E501 — lines of a text are what they are
"""The main path, from a page to a row."""

from datetime import UTC, date, datetime
from random import Random

import pytest

from cleaning.boilerplate.rules import load_rules
from cleaning.pipeline import clean, clean_text
from cleaning.records import Article, Cleaned, LayoutVersion, RawText, Reason, Rejection, SourceFacts
from cleaning.schema.arrow import to_table
from cleaning.text import words
from tests.cleaning.pages import FETCHED, FURNITURE, PARAGRAPHS, TITLE, article_html, page

RULES = load_rules()
SOURCE = SourceFacts("example", ("en",))


def article(cleaned: Cleaned) -> Article:
    assert isinstance(cleaned.result, Article), cleaned.result
    return cleaned.result


def rejection(cleaned: Cleaned) -> Rejection:
    assert isinstance(cleaned.result, Rejection)
    return cleaned.result


@pytest.mark.parametrize("fast", [False, True])
def test_an_article_comes_out_whole_and_nothing_else_does(fast: bool) -> None:
    result = article(clean(page(article_html()), SOURCE, RULES, fast=fast))
    assert result.text == "\n\n".join(PARAGRAPHS)
    assert not any(line in result.text for line in FURNITURE)


def test_every_column_is_filled_from_the_page() -> None:
    result = article(clean(page(article_html()), SOURCE, RULES))
    assert result.canonical_url == "https://example.com/news/2024/05/13/ferry-returns"
    assert (result.title, result.authors, result.site_name) == (TITLE, ("Jane Doe", "Ola Berg"), "The Example")
    assert result.published_at == datetime(2024, 5, 13, 7, 30, tzinfo=UTC)
    assert (result.published_offset, result.published_date) == (120, date(2024, 5, 13))
    assert (result.date_source, result.date_confidence) == ("json-ld", "high")
    assert result.modified_at == datetime(2024, 5, 13, 9, 0, tzinfo=UTC)
    assert (result.section, result.tags, result.language) == ("Islands", ("Ferries", "Islands"), "en")
    assert result.image_url == "https://www.example.com/ferry.jpg"
    assert result.description == "Four passengers, a piano and two hundred hens."
    assert (result.is_paywalled, result.is_truncated, result.training_opt_out) == (False, False, False)
    assert (result.run_id, result.raw_file, result.raw_offset) == ("run-1", "raw/a.warc.gz", 7)
    assert (result.cluster_id, result.revision, result.rules_version) == (result.article_id, 1, RULES.version)
    assert to_table(Article, [result]).num_rows == 1


def test_a_text_below_the_threshold_of_its_source_is_flagged_and_one_without_markup_has_no_confidence() -> None:
    known = clean(page(article_html()), SOURCE, RULES)
    assert 0.8 < (article(known).text_confidence or 0) <= 1
    assert "low-confidence" not in article(known).flags
    strict = article(clean(page(article_html()), SourceFacts("example", ("en",), low_confidence=1.0), RULES))
    assert "low-confidence" in strict.flags
    assert strict.text == article(known).text
    text = RawText("\n\n".join(PARAGRAPHS), "example", FETCHED, "a.txt")
    assert article(clean_text(text, SOURCE, RULES)).text_confidence is None


def test_a_text_without_a_page_has_the_licence_of_its_source() -> None:
    text = RawText("\n\n".join(PARAGRAPHS), "example", FETCHED, "a.txt")
    assert article(clean_text(text, SourceFacts("example", license="CC-BY-4.0"), RULES)).license == "CC-BY-4.0"
    assert article(clean_text(text, SOURCE, RULES)).license is None


def test_the_same_page_gives_the_same_row_always() -> None:
    assert clean(page(article_html()), SOURCE, RULES) == clean(page(article_html()), SOURCE, RULES)


def test_each_removed_line_has_its_rule_and_nothing_is_in_two_places() -> None:
    cleaned = clean(page(article_html()), SOURCE, RULES)
    kept = set(article(cleaned).text.split("\n\n"))
    assert all(removal.rule.count("/") == 1 and removal.why for removal in cleaned.removals)
    assert not kept & {removal.text for removal in cleaned.removals}
    positions = [removal.position for removal in cleaned.removals]
    assert positions == sorted(positions)


TEXT = f"""Skip to main content

{TITLE}

The ferry at the old pier on Monday
(photo credit: Example Pictures)

"Then somebody worked out what it costs to fly a hen from the mainland," said the postmistress.

{PARAGRAPHS[0]}
{PARAGRAPHS[1]}
"We were told that the islands cost too much. "Then somebody worked out what it costs to fly a hen from the mainland," said the postmistress. It was the first time that anybody had done the sum in public.
{PARAGRAPHS[3]} Nordline, the company that sold the last boat, has told its pilots not to carry animals on the weekend flight.

Nordline Tells Pilots To Stop Carrying Animals On Weekend Flights

{PARAGRAPHS[4]}
And what will happen when the subsidy ends?
The county has no answer yet, and will not give one before the autumn, when its budget is due.

Follow us on twitter ( or on Instagram (ferrynews) for details.


Popular posts from this blog

Mayor: 'Nobody told us about the piano'

Harbour wall to be rebuilt after storm

Please enter your comment!
Please enter your name here
"""


def test_text_of_another_scraper_is_cleaned_by_its_lines_alone() -> None:
    cleaned = clean_text(RawText(TEXT, "example", FETCHED, "story.txt"), SOURCE, RULES)
    result = article(cleaned)
    rules = {removal.text: removal.rule for removal in cleaned.removals}
    assert result.title == TITLE
    assert rules.pop("Skip to main content") == "en/skip-link"
    assert rules.pop(TITLE) == "structure/title"
    assert rules.pop("The ferry at the old pier on Monday") == "en/photo-credit"
    assert rules.pop("Nordline Tells Pilots To Stop Carrying Animals On Weekend Flights") == "structure/lone-headline"
    assert rules.pop("Harbour wall to be rebuilt after storm") == "en/related"
    assert sum(rule == "structure/pull-quote" for rule in rules.values()) == 1
    assert result.text.startswith(PARAGRAPHS[0])
    assert "And what will happen when the subsidy ends?" in result.text
    assert result.text.endswith("when its budget is due.")
    assert result.text.count("what it costs to fly a hen from the mainland") == 1


def test_text_and_removals_together_are_what_came_in() -> None:
    cleaned = clean_text(RawText(TEXT, "example", FETCHED, "story.txt"), SOURCE, RULES)
    came_out = article(cleaned).text + "\n" + "\n".join(removal.text for removal in cleaned.removals)
    assert sorted(words(came_out)) == sorted(words(TEXT))


def test_subheadings_of_a_text_stay() -> None:
    parts = [
        line for n, text in enumerate(PARAGRAPHS) for line in (f"What The Islanders Expect From Boat Number {n}", text)
    ]
    result = article(clean_text(RawText("\n\n".join([TITLE, *parts]), "example", FETCHED, "a.txt"), SOURCE, RULES))
    assert result.text.split("\n\n") == parts


STUB = "<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>"
LINKS = "".join(f'<li><a href="/{n}">Headline number {n} of the front page today</a></li>' for n in range(20))


@pytest.mark.parametrize(
    ("html", "facts", "reason"),
    [
        (article_html(), {"status": 404}, Reason.ERROR_PAGE),
        (
            STUB.format(title="404 – Page not found", head="", body="<p>Sorry, the page is gone.</p>"),
            {},
            Reason.ERROR_PAGE,
        ),
        (STUB.format(title="Ports", head="", body=f"<ul>{LINKS}</ul>"), {}, Reason.SECTION_PAGE),
        (STUB.format(title="Boat", head="", body="<p>Too short.</p>"), {}, Reason.TOO_SHORT),
        (b"%PDF-1.4 x", {"content_type": "application/pdf"}, Reason.NOT_HTML),
        (b"", {}, Reason.EMPTY),
        (b"<html><body>" + b"<div>" * 9000, {}, Reason.TOO_DEEP),
        (
            article_html((PARAGRAPHS[0],)).replace('"isAccessibleForFree": true', '"isAccessibleForFree": false'),
            {},
            Reason.PAYWALL_STUB,
        ),
    ],
)
def test_what_is_no_article_is_rejected_by_name_with_evidence(
    html: str | bytes, facts: dict[str, object], reason: Reason
) -> None:
    result = rejection(clean(page(html, **facts), SOURCE, RULES))
    assert result.reason == reason
    assert result.detail
    assert to_table(Rejection, [result]).num_rows == 1


def test_another_language_than_the_source_has_is_a_flag() -> None:
    assert "other-language" in article(clean(page(article_html()), SourceFacts("example", ("de", "fr")), RULES)).flags
    assert "other-language" not in article(clean(page(article_html()), SOURCE, RULES)).flags


def test_another_language_is_rejected_where_the_operator_says_so() -> None:
    source = SourceFacts("example", ("de", "fr"), reject_other_languages=True)
    result = rejection(clean(page(article_html()), source, RULES))
    assert result.reason == Reason.OTHER_LANGUAGE
    assert "en" in result.detail


def test_a_long_paywalled_article_is_kept_and_says_so() -> None:
    html = article_html().replace('"isAccessibleForFree": true', '"isAccessibleForFree": "False"')
    assert article(clean(page(html), SOURCE, RULES)).is_paywalled


def test_a_date_after_the_fetch_is_never_a_publication() -> None:
    html = article_html().replace("2024-05-13T09:30:00+02:00", "2031-01-01T00:00:00Z").replace("/2024/05/13/", "/a/")
    result = article(clean(page(html, url="https://example.com/a/ferry"), SOURCE, RULES))
    assert "future-date" in result.flags
    assert result.published_at is None or result.published_at <= FETCHED


@pytest.mark.parametrize(
    ("head", "facts"),
    [
        ('<meta name="robots" content="index, noai">', {}),
        ('<meta name="tdm-reservation" content="1">', {}),
        ("", {"robots_tag": "noimageai, noarchive"}),
        ("", {"tdm_reservation": "1"}),
    ],
)
def test_a_reservation_of_mining_is_recorded(head: str, facts: dict[str, object]) -> None:
    assert article(clean(page(article_html(head=head), **facts), SOURCE, RULES)).training_opt_out


def test_an_era_of_the_source_prunes_its_own_pages_only() -> None:
    html = article_html(
        tail='<p class="tip">Do you know more about the ferry? Our island reporters read every letter that you send.</p>'
    )
    old = LayoutVersion(end=date(2024, 1, 1), prune=("//div[@class='story-body']/p[last()]",))
    new = LayoutVersion(
        start=date(2024, 1, 1), body=("//div[@class='story-body']",), prune=("//div[@class='story-body']/p[3]",)
    )
    cleaned = clean(page(html), SourceFacts("example", ("en",), eras=(old, new)), RULES)
    result = article(cleaned)
    assert PARAGRAPHS[1] not in result.text
    assert PARAGRAPHS[4] in result.text
    assert "source/prune" in {removal.rule for removal in cleaned.removals}


def test_a_body_that_exists_only_in_json_ld_is_rescued() -> None:
    body = "\\n\\n".join(text.replace('"', "'") for text in PARAGRAPHS)
    html = article_html(("", "")).replace('"articleSection"', f'"articleBody": "{body}", "articleSection"')
    result = article(clean(page(html), SOURCE, RULES))
    assert PARAGRAPHS[4] in result.text
    assert "json-ld-rescue" in result.flags


def mutated(random: Random) -> bytes:
    body = bytearray(article_html().encode())
    for _ in range(random.randrange(1, 12)):
        at = random.randrange(len(body))
        match random.randrange(7):
            case 0:
                del body[at : at + random.randrange(1, 2000)]
            case 1:
                body[at:at] = b"<div><span>" * random.randrange(1, 6000)
            case 2:
                body[at:at] = bytes(random.randrange(256) for _ in range(40))
            case 3:
                body[at:at] = b'<p class="' + b"x" * 100_000 + b'">'
            case 4:
                body[at:at] = b"\x00" * 50 + b"&#0;&#xD800;&lol;"
            case 5:
                body[at:at] = (
                    b'<script type="application/ld+json">{"@type": "NewsArticle", "author": [[[{"name": 1}]]], "headline": {}}'
                )
            case _:
                body[at:at] = body[at : at + 3000]
    return bytes(body)


@pytest.mark.parametrize("seed", range(40))
def test_a_spoilt_page_has_an_outcome(seed: int) -> None:
    cleaned = clean(page(mutated(Random(seed))), SOURCE, RULES, fast=seed % 2 == 0)
    assert isinstance(cleaned.result, Article | Rejection)
    if isinstance(cleaned.result, Article):
        assert to_table(Article, [cleaned.result]).num_rows == 1
    else:
        assert cleaned.result.reason in set(Reason)


def test_a_plain_list_inside_the_article_stays() -> None:
    items = ("Never carry hens below deck.", "Always tie the piano down twice.", "Let the teacher choose her own seat.")
    listed = "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
    html = article_html().replace(f"<p>{PARAGRAPHS[3]}</p>", f"{listed}<p>{PARAGRAPHS[3]}</p>")
    text = article(clean(page(html), SOURCE, RULES)).text
    assert all(item in text for item in items)


def test_a_row_says_which_agency_its_text_credits_and_where_its_values_were_found() -> None:
    credited = ("BERLIN (Reuters) - " + PARAGRAPHS[0], *PARAGRAPHS[1:])
    row = article(clean(page(article_html(credited)), SOURCE, RULES))
    assert row.agency == "Reuters"
    assert row.origins == ("title:json-ld", "authors:json-ld", "section:json-ld", "tags:json-ld")
    text = RawText("\n\n".join(credited), "example", FETCHED, "a.txt")
    assert article(clean_text(text, SOURCE, RULES)).agency == "Reuters"
    assert article(clean(page(article_html()), SOURCE, RULES)).agency is None


def test_what_is_no_page_keeps_the_signals_of_its_response() -> None:
    cleaned = clean(page(b"\x89PNG\r\n\x1a\n" + bytes(64), headers=(("x-robots-tag", "noai"),)), SOURCE, RULES)
    assert isinstance(cleaned.result, Rejection)
    assert [signal.name for signal in cleaned.signals] == ["noai"]
