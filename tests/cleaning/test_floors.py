"""The gate of benchmarks/cleaning.py: figures below a floor fail, and floors are never lowered."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "cleaning.py"
RESULTS = {
    "fundus": {
        "trafilatura": {"speed": 1.0, "f1": 0.95},
        "newsmill": {
            "speed": 2.0,
            "f1": 0.99,
            "precision": 0.99,
            "recall": 0.995,
            "title": 0.9,
            "authors": 0.9,
            "date": 0.99,
        },
        "newsmill-fast": {"speed": 4.0, "f1": 0.99},
    }
}


@pytest.fixture
def benchmark_script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("cleaning_benchmark", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "cleaning_benchmark", module)
    spec.loader.exec_module(module)
    return module


def test_good_figures_pass(benchmark_script: ModuleType) -> None:
    assert benchmark_script.check(RESULTS) == []


def test_a_figure_below_its_floor_is_named(benchmark_script: ModuleType) -> None:
    worse = {"fundus": RESULTS["fundus"] | {"newsmill": RESULTS["fundus"]["newsmill"] | {"f1": 0.9, "speed": 1.02}}}
    told = " ".join(benchmark_script.check(worse))
    assert "newsmill_f1 is 0.9000" in told
    assert "newsmill_speed is" in told


def test_a_lowered_floor_is_refused(benchmark_script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        benchmark_script, "committed_floors", lambda: {"fundus": {"newsmill_f1": 0.999}, "other": {"newsmill_f1": 0.5}}
    )
    told = benchmark_script.check(RESULTS)
    assert len(told) == 2
    assert all("was lowered" in line and "put it back" in line for line in told)
