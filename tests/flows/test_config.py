"""One reading of settings: environment, then newsmill.toml, then defaults; errors name the setting and its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.config import SettingsError, origin, read_settings


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("NEWSMILL_LAKE", "NEWSMILL_FRONTIER", "NEWSMILL_LEDGER", "NEWSMILL_CONFIG", "NEWSMILL_WAVE_DAYS"):
        monkeypatch.delenv(variable, raising=False)


def test_the_environment_comes_before_the_file_and_the_file_before_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_settings().wave_days == 7
    assert origin("wave_days") == "default"
    (tmp_path / "newsmill.toml").write_text("wave_days = 5\n", encoding="utf-8")
    assert read_settings().wave_days == 5
    assert origin("wave_days") == str(tmp_path / "newsmill.toml")
    monkeypatch.setenv("NEWSMILL_WAVE_DAYS", "3")
    assert read_settings().wave_days == 3
    assert origin("wave_days") == "environment: NEWSMILL_WAVE_DAYS"


def test_folders_in_the_file_are_relative_to_it_wherever_the_command_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "newsmill.toml").write_text('lake = "data"\nsources_dir = "mine"\n', encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("NEWSMILL_CONFIG", str(tmp_path / "newsmill.toml"))
    monkeypatch.chdir(elsewhere)
    assert read_settings().lake == tmp_path / "data"
    assert read_settings().sources_dir == tmp_path / "mine"


def test_an_old_variable_still_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "newsmill.toml").write_text('frontier = "sqlite:////tmp/of-the-file"\n', encoding="utf-8")
    monkeypatch.setenv("NEWSMILL_LEDGER", "postgresql+psycopg://user:secret@db/newsmill")
    assert read_settings().frontier == "postgresql+psycopg://user:secret@db/newsmill"
    assert origin("frontier") == "environment: NEWSMILL_LEDGER"


def test_a_sqlite_frontier_is_the_same_file_for_crawl_processes_which_run_in_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSMILL_FRONTIER", "sqlite:///frontier.sqlite")
    assert read_settings().frontier == f"sqlite:///{tmp_path}/frontier.sqlite"


@pytest.mark.parametrize("written", ["127.0.0.1:8377,127.0.0.1:8378", '["127.0.0.1:8377","127.0.0.1:8378"]'])
def test_allowed_addresses_are_written_with_commas_or_as_they_once_were(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSMILL_ALLOW", written)
    assert read_settings().allow == ("127.0.0.1:8377", "127.0.0.1:8378")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wave_days = 0\n", "wave_days = 0"),
        ("wave_day = 5\n", "wave_day: no such setting"),
        ("wave_days = \n", "not TOML"),
        ('allow = ["example.org:80"]\n', "nothing else can be allowed"),
        ('frontier = "a database"\n', "SQLAlchemy URL"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "newsmill.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as told:
        read_settings()
    assert said in str(told.value)
    assert "newsmill.toml" in str(told.value)


def test_a_settings_file_that_is_named_must_be_there_and_none_is_read_for_an_empty_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "newsmill.toml").write_text("wave_days = 5\n", encoding="utf-8")
    monkeypatch.setenv("NEWSMILL_CONFIG", "")
    assert read_settings().wave_days == 7
    monkeypatch.setenv("NEWSMILL_CONFIG", str(tmp_path / "gone.toml"))
    with pytest.raises(SettingsError, match=r"gone\.toml is no file"):
        read_settings()
