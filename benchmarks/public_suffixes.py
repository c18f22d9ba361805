"""What the first registered domain costs: CPU seconds to load a reader of the public suffix list and to ask it once.

    python -m benchmarks.public_suffixes

Each runs in a process of its own, three times, and the least counts; a library that is not installed is left out.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

HOST = "news.example.co.uk"
READERS = {
    "cleaning": f"from cleaning.public_suffixes import registered_domain; registered_domain({HOST!r})",
    "tldextract": f"import tldextract; tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)({HOST!r})",
    "publicsuffixlist": f"import publicsuffixlist; publicsuffixlist.PublicSuffixList().privatesuffix({HOST!r})",
    "publicsuffix2": f"import publicsuffix2; publicsuffix2.get_sld({HOST!r})",
}
TIMED = "import time; began = time.process_time(); {code}; print(time.process_time() - began)"
ROUNDS = 3


def seconds(code: str) -> float:
    """The least CPU time of some runs."""
    call = [sys.executable, "-c", TIMED.format(code=code)]
    return min(float(subprocess.run(call, capture_output=True, text=True, check=True).stdout) for _ in range(ROUNDS))


def main() -> None:
    """The command."""
    for name, code in READERS.items():
        if importlib.util.find_spec(name) is not None:
            print(f"{name:17}{seconds(code):.3f} s of CPU")


if __name__ == "__main__":
    main()
