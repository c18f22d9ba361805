"""The command line `newsmill`: one file a family of commands; the work itself is in the flows."""

from __future__ import annotations

from flows.cli.app import main

__all__ = ["main"]
