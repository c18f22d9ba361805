"""The page that explains one cleaning: its look and its frame. Values come from cleaning/explain/html.py, escaped.

Colours are given in OKLCH (CSS Color 4), whose lightness is perceptual: one lightness for all hues keeps every rule's
colour equally readable. The filter is a row of radio buttons and ``:has()`` (in all browsers since December 2023).
"""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #f7f5f0; --card: #fffefb; --ink: #1f1d1a; --quiet: #5f5a52; --edge: #ddd7cb; --accent: #0b5d8a;
  --good: #17663a; --good-tint: #e4f2e8; --bad: #a32020; --bad-tint: #fbe7e4;
  --tint: 95.5% .032; --side: 60% .15; --deep: 40% .12; --kept-side: #8fc3a0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #171614; --card: #201f1c; --ink: #ece8e0; --quiet: #aaa398; --edge: #3a3732; --accent: #7cc4ee;
    --good: #86d6a3; --good-tint: #1d3325; --bad: #f4a296; --bad-tint: #3d211e;
    --tint: 29% .045; --side: 66% .13; --deep: 86% .08; --kept-side: #3f7a55;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body:has(#f-kept:checked) .original :is(.line, details):not(:has(.kept), .kept) { display: none; }
body:has(#f-left:checked) .original :is(.line, details):not(:has(.left), .left) { display: none; }
body {
  margin: 0 auto; padding: 1.5rem clamp(.75rem, 2.5vw, 2.5rem) 4rem; max-width: 100rem;
  background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
h1 { font: 700 clamp(1.45rem, 3.2vw, 2.3rem)/1.2 Georgia, "Noto Serif", serif; margin: .5rem 0; text-wrap: balance; }
h2 { font-size: 1.05rem; margin: 0; }
p { margin: 0; }
code { font: .86em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.quiet { color: var(--quiet); font-size: .88rem; }
.badge {
  display: inline-block; padding: .18rem .7rem; border-radius: 1rem; font-weight: 700; font-size: .85rem;
  color: var(--good); background: var(--good-tint);
}
.badge.rejected { color: var(--bad); background: var(--bad-tint); }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: .7rem; padding: 1rem 1.15rem; }
.evidence { border-color: var(--bad); margin: .8rem 0; font-size: 1.08rem; }
.facts { margin: 1rem 0 0; }
.facts summary { cursor: pointer; font-weight: 600; }
.facts dl {
  display: grid; gap: .7rem 1.5rem; margin: .9rem 0 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr));
}
.facts div.wide { grid-column: 1 / -1; }
dt { color: var(--quiet); font-size: .78rem; letter-spacing: .02em; }
dd { margin: 0; }
.bar { display: flex; height: .7rem; border-radius: .35rem; overflow: hidden; gap: 1px; margin: 1.3rem 0 .4rem; }
.bar span { min-width: 3px; }
.bar .kept { background: var(--kept-side); }
.bar .left { background: var(--edge); }
.bar .removed { background: oklch(var(--side) var(--hue)); }

fieldset { border: 0; margin: 1.3rem 0 1.2rem; padding: 0; }
legend { font-weight: 700; padding: 0; margin-bottom: .5rem; }
.rules { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: .5rem; }
.rules label {
  display: grid; grid-template-columns: auto 1fr auto; gap: 0 .6rem; align-items: baseline; align-content: start;
  cursor: pointer; background: var(--card); border: 1px solid var(--edge); border-left: .4rem solid var(--edge);
  border-radius: .5rem; padding: .5rem .75rem; min-height: 2.75rem;
}
.rules label.removed { border-left-color: oklch(var(--side) var(--hue)); background: oklch(var(--tint) var(--hue)); }
.rules label.kept { border-left-color: var(--kept-side); }
.rules label:has(:checked) { box-shadow: 0 0 0 2px var(--accent); }
.rules input { accent-color: var(--accent); margin: 0; align-self: center; }
.rules b { font-size: .92rem; }
.rules .removed b { color: oklch(var(--deep) var(--hue)); }
.rules .count { font-variant-numeric: tabular-nums; font-weight: 600; }
.rules small { grid-column: 2 / -1; color: var(--quiet); font-size: .82rem; line-height: 1.4; }

main { display: grid; gap: 1.2rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
.pane > header {
  display: flex; justify-content: space-between; gap: 1rem; align-items: baseline; padding-bottom: .7rem;
}
@media (min-width: 60rem) {
  .jump { display: none; }
  main { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .result {
    position: sticky; top: .8rem; max-height: calc(100vh - 1.6rem); overflow: auto; overscroll-behavior: contain;
  }
}
.line {
  border-left: .3rem solid transparent; padding: .3rem .65rem; margin: .15rem 0; border-radius: .25rem;
  max-height: 60rem; overflow: auto; unicode-bidi: isolate;
}
.line.kept { border-left-color: var(--kept-side); }
.line.title { border-left: .3rem double var(--kept-side); font-weight: 700; }
.line.left { border-left-color: var(--edge); color: var(--quiet); font-size: .88rem; }
.line.removed { border-left-color: oklch(var(--side) var(--hue)); background: oklch(var(--tint) var(--hue)); }
.line.heading { font-weight: 700; }
.part { unicode-bidi: isolate; }
.line .part.removed {
  background: oklch(var(--tint) var(--hue)); border-bottom: 2px solid oklch(var(--side) var(--hue));
  padding: .05rem .2rem;
}
.line.removed .part.removed { border: 0; padding: 0; background: none; }
.line .part.left { color: var(--quiet); }
.line a.part { color: inherit; text-decoration: none; }
.line a.part:hover { text-decoration: underline; text-decoration-color: var(--kept-side); }
.tag {
  font: 600 .72rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; color: oklch(var(--deep) var(--hue));
  display: block; margin-top: .1rem; unicode-bidi: isolate;
}
.tag.plain { color: var(--quiet); }
details.run { margin: .25rem 0; border: 1px dashed var(--edge); border-radius: .4rem; padding: 0 .4rem; }
details.run summary { cursor: pointer; color: var(--quiet); font-size: .86rem; padding: .5rem .3rem; }
.result p.text {
  margin: 0 0 .95rem; scroll-margin: 2rem; font: 1.06rem/1.65 Georgia, "Noto Serif", serif; unicode-bidi: isolate;
}
.result p.text:target, .line:target { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
.result .back {
  font: .8rem/1 system-ui, sans-serif; margin-inline-start: .4rem; text-decoration: none; padding: .3rem;
}
.note { border-top: 1px solid var(--edge); margin-top: 1rem; padding-top: .8rem; }

@media (max-width: 30rem) { .card { padding: .8rem .7rem; } .line { padding-inline: .5rem .3rem; } }
@media print { .result { position: static; max-height: none; } .line { max-height: none; } fieldset { display: none; } }
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{{ heading }} – newsmill clean</title>
<style>{{ style }}
{% for rule in rules %}
.r{{ loop.index0 }} { --hue: {{ rule.hue }}; }
{% set mine = ".r%d"|format(loop.index0) %}
body:has(#f-r{{ loop.index0 }}:checked) .original :is(.line, details):not(:has({{ mine }}), {{ mine }}) {
  display: none;
}
{% endfor %}
</style>
</head>
<body>
{% macro tag(stretch) %}
{% if stretch.removal is not none %}
<span class="tag r{{ numbers[stretch.removal.rule] }}">{{ stretch.removal.rule }}
{%- if stretch.removal.probability is not none %}
 · boilerplate {{ "%.0f%%"|format(100 * stretch.removal.probability) }}
{%- endif %}</span>
{% endif %}
{% endmacro %}
{% macro classes(stretch) -%}
{{ stretch.fate }}{% if stretch.removal is not none %} r{{ numbers[stretch.removal.rule] }}{% endif %}
{%- endmacro %}
{% macro words(stretch) -%}
{% if stretch.paragraph is not none -%}
<a class="part {{ classes(stretch) }}" href="#p{{ stretch.paragraph }}">{{ stretch.text }}</a>
{%- else -%}
<span class="part {{ classes(stretch) }}">{{ stretch.text }}</span>
{%- endif %}
{%- endmacro %}
{% macro show(number, line) %}
{% set whole = line.stretches|length == 1 %}
{% set fate = classes(line.stretches[0]) if whole else line.fate %}
<div class="line {{ fate }} {{ line.kind }}" id="l{{ number }}" dir="auto">
{%- for stretch in line.stretches %}{{ words(stretch) }} {% endfor %}
{%- for stretch in line.stretches %}{{ tag(stretch) }}{% endfor %}
{% if line.fate == "title" %}<span class="tag plain">headline</span>{% endif %}
{% if line.hidden %}<span class="tag plain">hidden by the page</span>{% endif %}
{% if line.kind == "pseudo" %}<span class="tag plain">only in the page's data</span>{% endif %}
</div>
{% endmacro %}
<header>
<p class="quiet">newsmill clean</p>
<h1 dir="auto">{{ heading }}</h1>
<p>
{% if article is not none %}
<span class="badge">Article</span>
{% else %}
<span class="badge rejected">Rejected: {{ rejection.reason }}</span>
{% endif %}
<span class="quiet">
{%- if link %}<a href="{{ link }}" rel="noopener noreferrer nofollow">{{ link }}</a>
{%- else %}<bdi>{{ address }}</bdi>{% endif -%}
</span>
</p>
{% if rejection is not none %}<p class="card evidence"><bdi>{{ rejection.detail }}</bdi></p>{% endif %}
<details class="facts card" open>
<summary>{{ "Metadata" if article is not none else "What is known" }}</summary>
<dl>
{% for fact in facts %}
<div{% if fact.wide %} class="wide"{% endif %}><dt>{{ fact.name }}</dt><dd dir="auto">{{ fact.value }}</dd></div>
{% endfor %}
</dl>
</details>
</header>

<div class="bar" role="img" aria-label="{{ summary }}">
{% for part in bar %}<span class="{{ part.classes }}" style="flex-grow: {{ part.share }}"></span>{% endfor %}
</div>
<p class="quiet">{{ summary }}</p>

<fieldset>
<legend>Show of the original</legend>
<div class="rules">
<label><input type="radio" name="show" id="f-all" checked>
<b>Everything</b><span class="count">{{ lines|length }}</span>
<small>All lines of the page in their order.</small></label>
<label class="kept"><input type="radio" name="show" id="f-kept">
<b>Kept</b><span class="count">{{ counts.kept }}</span>
<small>Lines that are in the article.</small></label>
<label><input type="radio" name="show" id="f-left">
<b>Never extracted</b><span class="count">{{ counts.left }}</span>
<small>Menus, footers and whatever else was not taken for the article.</small></label>
{% for rule in rules %}
<label class="removed r{{ loop.index0 }}"><input type="radio" name="show" id="f-r{{ loop.index0 }}">
<b>{{ rule.id }}</b><span class="count">{{ rule.count }}</span>
<small><bdi>{{ rule.why }}</bdi>
{% if rule.probability %}
Probability of boilerplate: {{ rule.probability }}.
{% endif %}
</small></label>
{% endfor %}
</div>
</fieldset>

<main>
<section class="pane card original" aria-labelledby="original">
<header><h2 id="original">Original</h2><a class="jump" href="#result">to the result ↓</a></header>
{% if unreadable %}<p class="quiet">The page could not be read: <bdi>{{ unreadable }}</bdi></p>{% endif %}
{% for run in runs %}
{% if run.folded %}
<details class="run left">
<summary>{{ run.lines|length }} lines never extracted: <bdi>{{ run.opening }}</bdi> …</summary>
{% for number, line in run.lines %}{{ show(number, line) }}{% endfor %}
</details>
{% else %}
{% for number, line in run.lines %}{{ show(number, line) }}{% endfor %}
{% endif %}
{% else %}
{% if not unreadable %}<p class="quiet">The page has no visible text.</p>{% endif %}
{% endfor %}
{% if elsewhere %}
<div class="note"><p class="quiet">Extracted, but no line above has it in these words:</p>
{% for stretch in elsewhere %}
<div class="line {{ classes(stretch) }}" dir="auto">{{ words(stretch) }}{{ tag(stretch) }}</div>
{% endfor %}
</div>
{% endif %}
</section>
<section class="pane card result" aria-labelledby="result">
<header>
<h2 id="result">Result</h2>
<span class="quiet">{{ "{:,} words".format(article.word_count) if article is not none else "no article" }}</span>
</header>
{% if article is not none %}
{% for text in paragraphs %}
<p class="text" id="p{{ loop.index0 }}" dir="auto">{{ text }}
{%- if loop.index0 in origin %}
<a class="back" href="#l{{ origin[loop.index0] }}" title="in the original" aria-label="in the original">↖</a>
{%- endif %}</p>
{% endfor %}
{% else %}
<p><b>{{ rejection.reason }}</b>: <bdi>{{ rejection.detail }}</bdi></p>
{% endif %}
</section>
</main>
</body>
</html>
"""
