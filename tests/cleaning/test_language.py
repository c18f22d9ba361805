"""Which language a text is in, and when what its page says of that is believed."""

import pytest

from cleaning.language import identifiable, language_of

ENGLISH = (
    "The ferry left the harbour on Monday with four passengers and a piano on board, and nobody on the quay had "
    "expected that it would be back before the winter."
)
GERMAN = (
    "Das Schiff verließ den Hafen am Montag mit vier Fahrgästen und einem Klavier an Bord, und niemand auf dem Kai "
    "hatte damit gerechnet, dass es noch vor dem Winter wieder da sein würde."
)


@pytest.mark.parametrize("stated", ["en", "de", "nl", "fi", "ja", "xx", None])
def test_a_wrong_claim_is_not_believed(stated: str | None) -> None:
    assert language_of(ENGLISH, stated) == "en"
    assert language_of(GERMAN, stated) == "de"


def test_a_right_claim_settles_what_the_text_alone_would_leave_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> None:
        raise AssertionError("the identifier was asked")

    monkeypatch.setattr("cleaning.language._identifier", never)
    assert language_of(GERMAN, "de") == "de"
    with pytest.raises(AssertionError, match="asked"):
        language_of(GERMAN, "en")


def test_neighbours_that_share_their_words_are_left_to_the_identifier() -> None:
    danish = "Og det er til en for med at af den de har ikke om han var men vi kan skal vil så over eller når."
    assert language_of(danish, "sv") != "sv"


def test_a_few_words_tell_nothing_whatever_is_claimed() -> None:
    assert language_of("The end", "en") is None


def test_the_languages_that_a_text_can_be_told_by_are_named_as_everywhere() -> None:
    assert {"en", "de", "no", "he", "zh", "th"} <= identifiable()
    assert not {"nb", "nn", "iw", "zxx"} & identifiable()
