"""Charts as SVG inside the page: drawn by matplotlib, coloured by the page's style sheet, without script or resource.

matplotlib knows no style sheet, so each colour is drawn as a stand-in (``#0101NN``) that is replaced by a variable of
the page: dark and light then need one drawing. Text stays text, in the page's own font.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Any

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from flows.reports.drift.baseline import Band
from flows.reports.wording import plain

# Stand-ins, each for a custom property of report.css.
_VARIABLES = ("ink", "muted", "grid", "band", "alarm", "paper", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7")
COLOURS = {name: f"#0101{place:02x}" for place, name in enumerate(_VARIABLES)}
INK, MUTED, GRID, BAND, ALARM = (COLOURS[name] for name in ("ink", "muted", "grid", "band", "alarm"))
SERIES = [COLOURS[f"s{n}"] for n in range(8)]
_STAND_IN = re.compile(r"#0101([0-9a-f]{2})")
# Inches at 72 units to the inch: a wide chart fills the page's column, a small one a phone.
WIDE, SMALL = (7.8, 2.4), (4.6, 1.5)
# Room for a week at least: the bars of a first day would be as wide as the page.
DAYS_MIN = 7
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.parse_math": False,  # a dollar sign in a name is no formula
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": MUTED,
    "axes.facecolor": "none",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": GRID,
    "ytick.color": GRID,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.facecolor": "none",
}


def yield_chart(days: Sequence[date], counts: Sequence[int], bands: Sequence[Band | None], name: str) -> Markup:
    """New articles of one source by day of crawling, over the range that its own history lets one expect."""
    with _drawn(SMALL, f"yield-{name}", f"new articles of {name} by day, with the expected range") as chart:
        axes = chart.axes
        places = list(range(len(days)))
        lows = [band.low if band else float("nan") for band in bands]
        highs = [band.high if band else float("nan") for band in bands]
        axes.fill_between(places, lows, highs, step="mid", color=BAND, linewidth=0)
        outside = [band is not None and band.is_outside(count) for band, count in zip(bands, counts, strict=True)]
        axes.bar(places, counts, width=0.72, color=[ALARM if out else SERIES[0] for out in outside])
        alarms = [place for place, out in enumerate(outside) if out]
        axes.scatter(alarms, [counts[p] for p in alarms], s=16, color=ALARM, zorder=3, clip_on=False)
        # The band of a lively source would press its bars flat.
        usual = [band.high for band in bands if band]
        axes.set_ylim(0, max([*counts, *(min(h, 1.6 * max(counts, default=1)) for h in usual), 1]) * 1.08)
        _day_ticks(axes, days, 4)
        axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(3, integer=True))
    return chart.svg


def day_bars(
    days: Sequence[date], series: Mapping[str, Sequence[float]], name: str, label: str, unit: str = ""
) -> Markup:
    """Bars by day, stacked where there are several series."""
    with _drawn(WIDE, name, label) as chart:
        axes, base = chart.axes, [0.0] * len(days)
        for (key, values), colour in zip(series.items(), SERIES * 3, strict=False):
            axes.bar(range(len(days)), values, bottom=base, width=0.78, color=colour, label=plain(key, 40))
            base = [low + value for low, value in zip(base, values, strict=True)]
        if len(series) > 1:
            _legend(axes)
        if unit:
            axes.set_ylabel(unit)
        _day_ticks(axes, days, 10)
    return chart.svg


def bars(labels: Sequence[str], values: Sequence[float], colours: Sequence[int], name: str, label: str) -> Markup:
    """Horizontal bars, the first at the top, each with its number."""
    height = 0.5 + 0.26 * len(labels)
    with _drawn((WIDE[0], height), name, label) as chart:
        axes = chart.axes
        axes.grid(visible=False)
        places = range(len(labels))
        axes.barh(places, values, height=0.7, color=[SERIES[c] for c in colours])
        axes.set_yticks(places, [plain(one, 40) for one in labels])
        axes.invert_yaxis()
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.margins(x=0.12, y=0.02)
        for place, value in zip(places, values, strict=True):
            axes.annotate(f"{value:,.0f}", (value, place), (4, 0), textcoords="offset points", va="center", color=MUTED)
    return chart.svg


def ranges(labels: Sequence[str], quantiles: Sequence[Sequence[float]], name: str, label: str, unit: str) -> Markup:
    """One line per label from its 10th to its 90th percentile, thick between the quartiles, a dot at the median."""
    with _drawn((WIDE[0], 0.7 + 0.26 * len(labels)), name, label) as chart:
        axes = chart.axes
        axes.grid(visible=False)
        axes.xaxis.grid(visible=True)
        for place, (p10, p25, p50, p75, p90) in enumerate(quantiles):
            axes.plot([p10, p90], [place, place], color=BAND, linewidth=4, solid_capstyle="round")
            axes.plot([p25, p75], [place, place], color=SERIES[0], linewidth=7, solid_capstyle="butt")
            axes.plot([p50], [place], "o", color=COLOURS["paper"], markeredgecolor=SERIES[0], markersize=5)
        axes.set_yticks(range(len(labels)), [plain(one, 40) for one in labels])
        axes.invert_yaxis()
        axes.set_xlabel(unit)
        axes.set_xlim(left=0)
    return chart.svg


def histogram(labels: Sequence[str], values: Sequence[float], name: str, label: str) -> Markup:
    """Bars for named classes, from left to right."""
    with _drawn(WIDE, name, label) as chart:
        chart.axes.bar(range(len(labels)), values, width=0.9, color=SERIES[0])
        chart.axes.set_xticks(range(len(labels)), labels)
    return chart.svg


def lines(series: Mapping[str, Sequence[float]], name: str, label: str, x_unit: str, y_unit: str) -> Markup:
    """A line for each series, with a value for 0, 1, 2, … on the horizontal axis; named below, a line each."""
    with _drawn((WIDE[0], 2.8 + 0.22 * len(series)), name, label) as chart:
        axes = chart.axes
        for (key, values), colour in zip(series.items(), SERIES, strict=False):
            axes.plot(range(len(values)), values, color=colour, linewidth=2, label=plain(key, 70))
        axes.set_xlabel(x_unit)
        axes.set_ylabel(y_unit)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(5, integer=True))
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), ncols=1, borderaxespad=0, handlelength=1)
    return chart.svg


def growth(days: Sequence[date], stored: Sequence[float], ahead: Sequence[date], forecast: Sequence[float]) -> Markup:
    """Gigabytes on disk by day, and a forecast as a dashed line."""
    with _drawn(WIDE, "disk", "gigabytes on disk by day, with a forecast") as chart:
        axes, n = chart.axes, len(days)
        axes.fill_between(range(n), stored, color=SERIES[0], alpha=0.35, linewidth=0)
        axes.plot(range(n), stored, color=SERIES[0], linewidth=2, label="raw archive")
        axes.plot(range(n - 1, n - 1 + len(forecast)), forecast, "--", color=ALARM, linewidth=1.6, label="forecast")
        axes.set_ylabel("GB")
        axes.set_ylim(bottom=0)
        _legend(axes)
        _day_ticks(axes, [*days, *ahead[1:]], 10)
    return chart.svg


class _drawn:
    """A figure with one pair of axes; on leaving, its SVG."""

    def __init__(self, inches: tuple[float, float], name: str, label: str) -> None:
        self._inches, self._name, self._label = inches, name, label
        self.svg = Markup()

    def __enter__(self) -> _drawn:
        # Each chart its own salt: ids of clipping paths would otherwise be the same within the page.
        style: Any = {**_STYLE, "svg.hashsalt": self._name}
        self._style = mpl.rc_context(style)
        self._style.__enter__()
        self._figure = Figure(figsize=self._inches, layout="constrained")
        self.axes: Axes = self._figure.subplots()
        return self

    def __exit__(self, *raised: Any) -> None:
        try:
            if raised[0] is None:
                self.svg = _as_svg(self._figure, self._label)
        finally:
            self._style.__exit__(*raised)


def _as_svg(figure: Figure, label: str) -> Markup:
    stream = StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a glyph that matplotlib's font lacks is the browser's to find
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawn = stream.getvalue()
    body = drawn[drawn.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>\*\{[^<]*</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = _STAND_IN.sub(lambda m: f"var(--{_VARIABLES[int(m[1], 16)]})", body)
    # Ids are unique in a page, and most of matplotlib's are numbers of which every chart has the same.
    used = set(re.findall(r"#([\w-]+)", body))
    body = re.sub(r' id="([^"]*)"', lambda m: m[0] if m[1] in used else "", body)
    body = re.sub(r"font-family: [^;\"]*|(?<=font: )([\d.]+px) [^;\"]*", _own_font, body)
    body = re.sub(
        r'width="[\d.]+pt" height="[\d.]+pt"', f'role="img" aria-label="{escape(plain(label))}"', body, count=1
    )
    return Markup(re.sub(r"\n\s*", "\n", body))  # noqa: S704  matplotlib escapes every text


def _own_font(found: re.Match[str]) -> str:
    """The page's font in place of the one that matplotlib measured with."""
    return f"{found[1]} sans-serif" if found[1] else "font-family: inherit"


def _day_ticks(axes: Axes, days: Sequence[date], count: int) -> None:
    """Labels at a few days, evenly apart, the last one among them."""
    step = max(1, -(-len(days) // count))
    places = list(range(len(days) - 1, -1, -step))[::-1]
    axes.set_xticks(places, [f"{days[p]:%d %b}".lstrip("0") for p in places])
    axes.tick_params(axis="x", length=2)
    axes.set_xlim(-0.6, max(len(days), DAYS_MIN) - 0.4)


def _legend(axes: Axes) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=8, borderaxespad=0, handlelength=1, columnspacing=1.2)
