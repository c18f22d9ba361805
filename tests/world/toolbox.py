"""The publishing systems from npm and PyPI: installed once into .world/, by pinned versions.

Run it: `python -m tests.world.toolbox`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BOX = HERE.parents[1] / ".world"
NODE = BOX / "node"
PYTHON = BOX / "python"


def lacks() -> list[str]:
    """What of the toolbox is not installed."""
    wanted = {"npm packages": NODE / "node_modules" / "hexo", "PyPI packages": PYTHON / "bin" / "pelican"}
    return [f"{name} (python -m tests.world.toolbox)" for name, path in wanted.items() if not path.exists()]


def install() -> None:
    """Install what is missing. Raises CalledProcessError."""
    if not (NODE / "node_modules" / "hexo").exists():
        NODE.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "generators" / "package.json", NODE)
        npm = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(npm, cwd=NODE, check=True)
    if not (PYTHON / "bin" / "pelican").exists():
        subprocess.run([sys.executable, "-m", "venv", str(PYTHON)], check=True)
        pip = [str(PYTHON / "bin" / "pip"), "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(HERE / "generators" / "requirements.txt")], check=True)


if __name__ == "__main__":
    install()
