"""What the report in HTML looks like and does: its style and its script, as they stand in the page."""

from typing import Final

TABLE_STYLE: Final = """\
.cnncalc table{border-collapse:collapse;font-variant-numeric:tabular-nums}
.cnncalc th,.cnncalc td{padding:.25em .6em;text-align:left;font-weight:normal;vertical-align:top}
.cnncalc thead th,.cnncalc tfoot th,.cnncalc tfoot td{font-weight:bold}
.cnncalc thead th{border-bottom:1px solid}
.cnncalc tfoot th,.cnncalc tfoot td{border-top:1px solid}
.cnncalc td,.cnncalc th{white-space:nowrap}
.cnncalc .n{text-align:right}
.cnncalc .w,.cnncalc .working td{white-space:normal;min-width:9rem}
.cnncalc .block{font-weight:bold}
.cnncalc .misfit{color:#b34700}
@media(prefers-color-scheme:dark){.cnncalc .misfit{color:#ffa657}}
"""
"""Of tables, in the page and in notebooks."""

STYLE: Final = (
    """\
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2328;--faint:#59636e;--line:#d1d9e0;--mark:#fff3c4;--error:#b3001b;--warning:#8a5a00;--note:#0550ae}
@media(prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--faint:#9198a1;--line:#3d444d;--mark:#4a3b00;--error:#ff7b72;--warning:#e3b341;--note:#79c0ff}}
*{box-sizing:border-box}
body{margin:0;padding:1rem;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
header,main{max-width:80rem;margin:auto}
main{display:grid;grid-template-columns:minmax(0,1fr);column-gap:2rem}
h1{font-size:1.6rem;margin:.2em 0}
h2{font-size:1.15rem;margin:1.6em 0 .5em}
p{margin:.3em 0}
.faint{color:var(--faint)}
.box{overflow:auto;max-width:100%}
.picture{position:relative;max-height:75vh;border:1px solid var(--line);border-radius:6px;padding:.5rem}
dl.totals{display:grid;grid-template-columns:max-content max-content minmax(0,1fr);gap:.15em 1em;margin:0}
dl.totals dd{margin:0;min-width:0;overflow-wrap:anywhere}
dl.totals .n{text-align:right;font-variant-numeric:tabular-nums}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.4 ui-monospace,monospace}
.finding{border-left:4px solid var(--note);padding:.3em .8em;margin:.6em 0}
.error{border-color:var(--error)}
.warning{border-color:var(--warning)}
button{font:inherit;color:inherit;background:none;border:0;padding:0;text-align:left;cursor:pointer}
button:focus-visible,input:focus-visible,summary:focus-visible,.box:focus-visible{outline:2px solid var(--note);outline-offset:2px}
.toggle::before{content:"▸ "}
.toggle[aria-expanded=true]::before{content:"▾ "}
.works{text-decoration:underline dotted;text-underline-offset:3px}
search{max-width:100%}
label{display:flex;gap:.6em;align-items:center}
input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:.3em .6em;width:22rem;min-width:0;max-width:100%}
.tools{display:flex;flex-wrap:wrap;gap:.8em;align-items:center;margin:.4em 0}
.tools button{border:1px solid var(--line);border-radius:6px;padding:.3em .7em}
#layers tr>th:first-child{position:sticky;left:0;background:var(--paper)}
tbody tr:not(.working):hover,tbody tr.marked,#layers tr:hover>th:first-child,#layers tr.marked>th:first-child{background:var(--mark)}
svg [data-path]{cursor:pointer}
.graph .marked>:is(rect,polygon){stroke:var(--error);stroke-width:3px}
.bars .marked{fill:var(--error);font-weight:bold}
.working dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.1em 1em;margin:.2em 0 .6em 1.2em;font-size:.93em;position:sticky;left:1.2em;max-width:calc(100vw - 5rem)}
.working dd{margin:0;overflow-wrap:anywhere}
@media screen and (min-width:64rem){
main{grid-template-columns:fit-content(26rem) minmax(0,1fr)}
main>section{grid-column:1/-1;min-width:0}
main>.graph,main>.layers{grid-column:auto}
main>.graph{position:sticky;top:0;align-self:start}
.graph .picture{max-height:calc(100vh - 6rem)}
}
@media(max-width:40rem){.working dl{grid-template-columns:1fr}dl.totals{grid-template-columns:max-content minmax(0,1fr)}dl.totals dd.faint{grid-column:2;margin-bottom:.4em}dl.totals .n{text-align:left}}
@media print{
:root{color-scheme:light;--paper:#fff;--ink:#000;--faint:#444;--line:#999;--error:#b3001b;--warning:#8a5a00;--note:#0550ae}
body{padding:0;font-size:9pt}
.tools{display:none}
tr[hidden]{display:table-row}
tr,.finding{break-inside:avoid}
h2{break-after:avoid}
.box{overflow:visible}
.picture{max-height:none;border:0;padding:0}
.picture svg{max-width:100%;height:auto}
.works{text-decoration:none}
.toggle::before,.toggle[aria-expanded=true]::before{content:""}
}
"""
    + TABLE_STYLE
)

SCRIPT: Final = """\
"use strict";
const table = document.querySelector("#layers tbody");
const rows = [...table.rows];
const workings = JSON.parse(document.getElementById("workings").textContent);
const search = document.getElementById("search");
const count = document.getElementById("count");
const level = row => Number(row.dataset.level);
const toggle = row => row.querySelector(".toggle");
const open = row => !toggle(row) || toggle(row).getAttribute("aria-expanded") === "true";

function show() {
  const wanted = search.value.trim().toLowerCase();
  const shut = [], above = [];
  let found = 0;
  for (const row of rows) {
    while (shut.length && level(row) <= shut.at(-1)) shut.pop();
    while (above.length && level(row) <= level(above.at(-1))) above.pop();
    const hit = wanted && `${row.dataset.path} ${row.textContent}`.toLowerCase().includes(wanted);
    row.hidden = wanted ? !hit : shut.length > 0;
    if (hit) {
      found += 1;
      for (const heading of above) heading.hidden = false;
    }
    if (!open(row)) shut.push(level(row));
    if (toggle(row)) above.push(row);
  }
  for (const row of rows) if (row.hidden) close(row);
  count.textContent = wanted ? `${found} of ${rows.length} rows` : "";
}

function set(row, expanded) {
  if (toggle(row)) toggle(row).setAttribute("aria-expanded", expanded);
}

function close(row) {
  const button = row.querySelector(".works");
  if (button && button.getAttribute("aria-expanded") === "true") work(row, button);
}

function work(row, button) {
  const expanded = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", !expanded);
  if (expanded) { row.nextElementSibling.remove(); return; }
  const lines = document.createElement("dl");
  for (const [label, text] of workings[row.dataset.working]) {
    lines.append(Object.assign(document.createElement("dt"), {textContent: label}));
    lines.append(Object.assign(document.createElement("dd"), {textContent: text}));
  }
  const cell = document.createElement("td");
  cell.colSpan = row.cells.length;
  cell.append(lines);
  const below = document.createElement("tr");
  below.className = "working";
  below.append(cell);
  row.after(below);
}

table.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (!button) return;
  const row = button.closest("tr");
  if (button.classList.contains("works")) work(row, button);
  else if (search.value) { set(row, true); reveal(row); }
  else { set(row, !open(row)); show(); }
});
search.addEventListener("input", show);
for (const [name, depth] of [["unfold", Infinity], ["fold", 0]])
  document.getElementById(name).addEventListener("click", () => {
    for (const row of rows) set(row, level(row) < depth);
    show();
  });

const shapes = new Map();
for (const shape of document.querySelectorAll("svg [data-path]")) {
  const path = shape.dataset.path;
  shapes.set(path, [...(shapes.get(path) || []), shape]);
  const own = () => rows.filter(row => row.dataset.box === path);
  shape.addEventListener("pointerenter", () => mark(path, true));
  shape.addEventListener("pointerleave", () => mark(path, false));
  shape.addEventListener("click", () => { if (own().length) reveal(own()[0]); });
}

function reveal(wanted) {
  search.value = "";
  let below = level(wanted);
  for (const row of rows.slice(0, rows.indexOf(wanted)).reverse())
    if (level(row) < below) { set(row, true); below = level(row); }
  show();
  wanted.scrollIntoView({block: "center"});
  wanted.querySelector("button")?.focus({preventScroll: true});
}

function scroll(shape) {
  const box = shape.closest(".picture"), around = box.getBoundingClientRect(), own = shape.getBoundingClientRect();
  if (own.top < around.top || own.bottom > around.bottom)
    box.scrollTop += own.top - around.top - (around.height - own.height) / 2;
  if (own.left < around.left || own.right > around.right)
    box.scrollLeft += own.left - around.left - (around.width - own.width) / 2;
}

function mark(path, on) {
  for (const shape of shapes.get(path) || []) shape.classList.toggle("marked", on);
  for (const row of rows) if (row.dataset.box === path) row.classList.toggle("marked", on);
}

for (const row of rows) {
  const path = row.dataset.box;
  if (!path) continue;
  const shape = on => {
    for (const each of shapes.get(path) || []) {
      each.classList.toggle("marked", on);
      if (on) scroll(each);
    }
  };
  row.addEventListener("pointerenter", () => shape(true));
  row.addEventListener("pointerleave", () => shape(false));
  row.addEventListener("focusin", () => shape(true));
  row.addEventListener("focusout", () => shape(false));
}
show();
"""
