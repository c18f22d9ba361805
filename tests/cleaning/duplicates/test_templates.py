"""Reports of one form are no copies, whatever their number; copies of one of them are, whatever is around them."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.cleaning.duplicates.test_copies import grouped

_NAMES = (
    *("Alder", "Bexley", "Cranmoor", "Dunholt", "Everly", "Farrow", "Glenby"),
    *("Harwick", "Ingleton", "Jarrow", "Kelby", "Lorton", "Marwood", "Nesham"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _clock(draw: random.Random) -> str:
    return f"{draw.randint(1, 11)}.{draw.randint(10, 59)}"


def _tide(draw: random.Random) -> str:
    town, other = draw.sample(_NAMES, 2)
    return (
        f"High water at {town} on {draw.choice(_WEEKDAYS)}\n"
        f"The harbour office at {town} expects high water at {_clock(draw)} in the morning and at {_clock(draw)} in "
        f"the evening, with a height of {draw.randint(2, 9)}.{draw.randint(1, 9)} metres.\n"
        f"Small craft should keep clear of the bar off {other} for an hour on either side of low water, it said.\n"
        "The tables are worked out a year ahead and take no account of wind. Check the notice at the quay first."
    )


def _appointment(draw: random.Random) -> str:
    firm, first, last = draw.sample(_NAMES, 3)
    return (
        f"{firm} names {first} {last} to its board\n"
        f"{firm} Holdings said it appointed {first} {last} as a director with effect from {draw.randint(1, 28)} May.\n"
        f"{last}, {draw.randint(38, 66)}, spent {draw.randint(3, 25)} years at {draw.choice(_NAMES)} and will sit on "
        f"the audit committee. The board now has {draw.randint(6, 14)} members.\n"
        "The company said there was nothing further to disclose under the listing rules. Shares were little changed."
    )


def _polizei(draw: random.Random) -> str:
    ort, strasse = draw.choice(_NAMES), draw.choice(("Hauptstraße", "Lindenweg", "Marktplatz", "Ringstraße"))
    return (
        f"{ort}: Einbruch in Wohnhaus\n"
        f"Unbekannte sind am {draw.choice(('Montag', 'Dienstag', 'Freitag'))} zwischen {draw.randint(8, 12)} und "
        f"{draw.randint(13, 22)} Uhr in ein Wohnhaus an der {strasse} in {ort} eingebrochen. Sie hebelten ein Fenster "
        "auf und durchsuchten mehrere Räume.\n"
        f"Der Schaden wird auf {draw.randint(1, 90)}00 Euro geschätzt. Hinweise nimmt die Polizei unter der Nummer "
        f"0{draw.randint(2000, 9999)} {draw.randint(10000, 99999)} entgegen."
    )


FAMILIES = {"tide": _tide, "appointment": _appointment, "polizei": _polizei}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("count", [2, 5, 14])
@pytest.mark.parametrize("hosts", ["one", "many"])
def test_reports_of_one_form_stay_apart_and_their_copies_are_found(family: str, count: int, hosts: str) -> None:
    draw = random.Random(f"{family} {count}")
    make: Callable[[random.Random], str] = FAMILIES[family]
    reports = [make(draw) for _ in range(count)]
    copied = reports[0].split("\n")
    wrapped = "\n".join(["Home > News", *copied, "Sign up for our letter.", "© 2026 The Courier. Call 555 1234 567"])
    cut = "\n".join(copied[:3])
    texts = [*reports, wrapped, cut]
    names = [f"{family}{0 if hosts == 'one' else k % 3}.example" for k in range(count)]
    found = grouped(texts, [*names, "a.example", "b.example"], [*range(count), 0, 1])
    assert found.story.tolist() == [*range(count), 0, 0]
    assert len(found.forms)


def test_a_verbatim_copy_with_its_own_place_telephone_and_copyright_lines_is_one() -> None:
    draw = random.Random(3)
    words = [draw.choice(_NAMES).lower() + draw.choice("aeiou") for _ in range(160)]
    body = "\n".join(" ".join(words[k : k + 20]).capitalize() + "." for k in range(0, 160, 20))
    frames = [
        (f"{n.upper()}, Mar. {k} 2026", f"Newsroom 555 {k}{k}1 90{k}2\n© 2026 {n} Courier 10{k} 44{k}")
        for k, n in enumerate(("Alder", "Bexley"), start=3)
    ]
    texts = [f"{head}\n{body}\n{foot}" for head, foot in frames]
    assert grouped([body, *texts], ["a.example", "b.example", "c.example"]).story.tolist() == [0, 0, 0]


def test_the_same_short_notice_days_later_is_the_next_one_on_its_own_site_and_a_copy_elsewhere() -> None:
    notice = (
        "Rates left as they are\nThe council of the bank left its rates unchanged after its regular meeting today, a "
        "spokesman said. The discount rate stays at 3.0 percent and the Lombard rate at 5.0 percent."
    )
    own, other = "bank.example", "paper.example"
    assert grouped([notice, notice], [own, own], [0, 14]).story.tolist() == [0, 1]
    assert grouped([notice, notice], [own, other], [0, 14]).story.tolist() == [0, 0]
    assert grouped([notice, notice], [own, own], [0, 0]).story.tolist() == [0, 0]


@pytest.mark.parametrize("versions", [2, 4, 5, 8])
def test_versions_of_a_story_on_one_host_are_one_however_many_and_so_are_copies_elsewhere(versions: int) -> None:
    draw = random.Random(versions)

    def paragraph() -> str:
        return " ".join(draw.choice(_NAMES).lower() + draw.choice("aeiou") for _ in range(24)).capitalize() + "."

    paragraphs = [paragraph() for _ in range(6 + versions)]
    menu = "Home News Sport Weather Contact us"
    texts = ["\n".join([menu, *paragraphs[: 6 + k]]) for k in range(versions)]
    others = ["\n".join([menu, *(paragraph() for _ in range(5))]) for _ in range(5)]
    copy = "\n".join(paragraphs[:7])
    hosts = ["site.example"] * (versions + 5) + ["elsewhere.example"]
    story = grouped([*texts, *others, copy], hosts).story.tolist()
    assert story[:versions] == [0] * versions
    assert story[-1] == 0
    assert story[versions:-1] == list(range(versions, versions + 5))
