"""Finds the deployments file: that of a project folder or checkout, or the packaged one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

DEPLOYMENTS = "prefect.yaml"


@contextmanager
def deployments_file(given: Path | None = None) -> Iterator[Path]:
    """The given file, else prefect.yaml in the working folder, else the packaged one."""
    own = given or Path(DEPLOYMENTS)
    if given is not None or own.is_file():
        yield own.absolute()
        return
    with resources.as_file(resources.files("flows") / DEPLOYMENTS) as shipped:
        yield shipped
