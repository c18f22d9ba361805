"""What counts as a word, and when two texts are the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning.text import key, normalise, squash, text_hash, word_count, words


def test_words_are_runs_of_letters_and_digits() -> None:
    assert words("It's 3.5 km, isn’t it?") == ["It", "s", "3", "5", "km", "isn", "t", "it"]


def test_scripts_without_spaces_count_characters() -> None:
    assert words("東京とOsaka 2024") == ["東", "京", "と", "Osaka", "2024"]
    assert word_count("ไทย") == 3


def test_form_does_not_make_a_text_another() -> None:
    plain = "The cafe's owner said: 'No'."
    assert text_hash("The café&#39;s\u00a0owner\n\nsaid: \u200b'No'.") == text_hash(plain)
    assert text_hash("THE CAFE'S OWNER SAID: 'NO'.") == text_hash(plain)
    assert text_hash("The cafe's owner said: 'Yes'.") != text_hash(plain)
    assert len(text_hash("")) == 32


def test_a_key_holds_the_words_alone() -> None:
    assert key("  „Sie auch“ – Mehr zum Thema: ") == "sie auch mehr zum thema"


@settings(deadline=None)
@given(st.text())
def test_squash_leaves_one_clean_line(text: str) -> None:
    line = squash(text)
    assert line == line.strip()
    assert "\n" not in line
    assert "\x00" not in line
    assert squash(line) == line


@settings(deadline=None)
@given(st.text())
def test_any_text_has_a_hash_and_a_count(text: str) -> None:
    normalise(text)
    text_hash(text)
    assert word_count(text) == len(words(text))
