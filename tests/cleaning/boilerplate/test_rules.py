"""The rules are data with their own tests inside; here they are run against each other."""

import re
from pathlib import Path

import pytest

from cleaning.boilerplate import rules
from cleaning.boilerplate.rules import PACKAGE, RULES_DIR, Matcher, Rule, RuleError, Scope, load_rules, read_rules

RULES = load_rules()
LANGUAGES = RULES.languages
KEEP = [(rule.id, line) for rule in RULES.rules for line in rule.must_keep]


def test_at_least_fifteen_languages_have_rules_of_their_own() -> None:
    assert {"en", "de", "es", "fr", "it", "pt", "nl", "pl", "ru", "uk", "tr", "ar", "ja", "zh", "ko"} <= set(LANGUAGES)


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_a_rule_removes_what_it_says_it_removes(rule: Rule) -> None:
    language = rule.id.split("/")[0]
    alone, together = Matcher([rule]), RULES.matcher(None if language == "any" else language)
    for line in rule.must_remove:
        if rule.scope is Scope.SENTENCE:
            assert alone.sentences(line), (rule.id, line)
        else:
            assert alone.match(line) is rule, (rule.id, line)
            assert together.match(line) is not None, (rule.id, line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_rule_eats_a_line_that_any_rule_must_keep(language: str) -> None:
    matcher = RULES.matcher(language)
    eaten = [(owner, line, hit.id) for owner, line in KEEP if (hit := matcher.match(line)) is not None]
    eaten += [(owner, line, hit[0][2].id) for owner, line in KEEP if (hit := matcher.sentences(line))]
    assert not eaten


def test_the_version_changes_with_the_rules(tmp_path: Path) -> None:
    for path in RULES_DIR.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    same = load_rules(tmp_path).version
    assert re.fullmatch("[0-9a-f]{12}", same)
    other = tmp_path / "more"
    other.mkdir()
    for path in RULES_DIR.glob("*.toml"):
        (other / path.name).write_text(
            path.read_text(encoding="utf-8").replace("skip-link", "skip-links"), encoding="utf-8"
        )
    assert load_rules(other).version != same


def test_the_version_changes_with_every_file_of_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [path.relative_to(PACKAGE) for kind in ("toml", "npz") for path in PACKAGE.rglob(f"*.{kind}")]
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.name.encode())
    monkeypatch.setattr(rules, "PACKAGE", tmp_path)
    versions = [load_rules.__wrapped__(tmp_path / "rules").version]
    for name in files:
        (tmp_path / name).write_bytes(b"changed")
        versions.append(load_rules.__wrapped__(tmp_path / "rules").version)
    assert len({*versions}) == len(files) + 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[rule]]\nid = 'a'\nscope = 'line'\nwhy = 'b'\nlines = ['x']\nmust_remove = ['x']", "must_keep"),
        (
            "[[rule]]\nid = 'a'\nscope = 'page'\nwhy = 'b'\nlines = ['x']\nmust_remove = ['x']\nmust_keep = ['y']",
            "scope",
        ),
        (
            "[[rule]]\nid = 'a'\nscope = 'line'\nwhy = 'b'\npatterns = ['(x']\nmust_remove = ['x']\nmust_keep = ['y']",
            "regular",
        ),
        (
            "[[rule]]\nid = 'a'\nscope = 'line'\nwhy = 'b'\npatern = ['x']\nmust_remove = ['x']\nmust_keep = ['y']",
            "spelling",
        ),
        (
            "[[rule]]\nid = 'a'\nscope = 'mention'\nwhy = 'b'\npatterns = ['x']\nmust_remove = ['x']\nmust_keep=['y']",
            "needs words",
        ),
        ("[[rule]\n", "TOML"),
    ],
)
def test_a_broken_rules_file_says_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "xx.toml"
    path.write_text(text)
    with pytest.raises(RuleError, match=told) as raised:
        read_rules(path)
    assert "xx.toml" in str(raised.value)
