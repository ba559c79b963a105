/** The style of all pages. No fonts, pictures or scripts from elsewhere; colours keep a contrast of at least 4.5 in light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d1f23; --soft: #565b64; --line: #d4d2cc;
  --accent: #175e54; --on-accent: #ffffff; --tint: #e3f0ed; --warn: #8a2f0b; --warn-tint: #fdeee6;
  --mode: #4a3c8c; --mode-tint: #ece9f8; --tile: #ecebe6; --tile-ink: #83817a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14161a; --card: #1d2025; --ink: #eceae5; --soft: #b0b4bd; --line: #3a3f48;
    --accent: #7fd1c1; --on-accent: #0b211d; --tint: #17342f; --warn: #ffb08c; --warn-tint: #3d2115;
    --mode: #c5bbff; --mode-tint: #2b2646; --tile: #2a2e35; --tile-ink: #8b9099;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--accent); }
h1, h2, h3 { line-height: 1.25; margin: 0 0 .5rem; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.15rem; }
h3 { font-size: 1rem; }
p { margin: 0 0 .75rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; top: 0; padding: .5rem 1rem; background: var(--card); z-index: 1; }
.skip:focus { left: 0; }
.bar, main, .foot { max-width: 60rem; margin: 0 auto; padding: .75rem 1rem; }
.wide .bar, .wide main, .wide .foot { max-width: 80rem; }
.top { background: var(--card); border-bottom: 1px solid var(--line); }
.bar { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; justify-content: space-between; }
.brand { font-weight: 700; text-decoration: none; color: var(--ink); }
.soft, .foot { color: var(--soft); font-size: .9rem; }
.goal { background: var(--tint); border-radius: .5rem; padding: .75rem 1rem; margin: 0 0 1rem; }
.goal p { margin: 0; font-size: 1.05rem; }
.goal .label { font-size: .85rem; font-weight: 600; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1rem; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 0 0 1rem; }
.row form, .options form { margin: 0; }
.button { display: inline-block; font: inherit; min-height: 2.75rem; padding: .5rem 1rem; border: 1px solid var(--accent); border-radius: .4rem;
  background: var(--card); color: var(--accent); cursor: pointer; text-decoration: none; text-align: start; max-width: 100%; overflow-wrap: anywhere; }
.button.main { background: var(--accent); color: var(--on-accent); font-weight: 600; }
.button[aria-pressed="true"], .button.on { background: var(--accent); color: var(--on-accent); }
.button[aria-pressed="true"]::before, .button.on::before { content: "✓ " / ""; }
.button.still { cursor: default; border-color: var(--line); color: var(--ink); background: var(--card); }
.button.still.on { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.taken { outline: 3px solid var(--mode); outline-offset: 2px; }
.field { font: inherit; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--soft); border-radius: .4rem; background: var(--card);
  color: var(--ink); flex: 1 1 12rem; min-width: 0; max-width: 100%; }
.field.short { flex: 0 1 8rem; }
.search { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
.search label { flex: 1 0 100%; font-weight: 600; }
.results { list-style: none; margin: 0; padding: 0; }
.result { display: grid; grid-template-columns: 4.5rem 1fr; gap: .25rem 1rem; }
.result h2 { font-size: 1rem; font-weight: 600; }
.result .words { min-width: 0; }
.tile { display: block; width: 100%; height: auto; border-radius: .4rem; }
.tile rect { fill: var(--tile); }
.tile path { fill: none; stroke: var(--tile-ink); stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
.item { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
.item .tile { max-width: 6rem; }
.options { border: 0; padding: 0; margin: 0 0 1rem; min-width: 0; }
.options legend { font-weight: 600; padding: 0; margin: 0 0 .25rem; }
.options .row { margin: 0; }
.price { font-size: 1.2rem; font-weight: 600; margin: 0 0 .5rem; }
.score { font-size: 2rem; font-weight: 700; margin: 0; }
.note { background: var(--warn-tint); color: var(--warn); border-radius: .5rem; padding: .75rem 1rem; margin: 0 0 1rem; }
.note :focus-visible, .note summary { color: inherit; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; margin: 0 0 1rem; overflow-wrap: break-word; hyphens: auto; }
th:first-child { width: 42%; }
th:last-child, td:last-child { width: 4rem; padding-inline-end: 0; }
caption { text-align: start; font-weight: 600; padding: 0 0 .25rem; }
th, td { text-align: start; vertical-align: top; padding: .4rem .5rem .4rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .9rem; }
dl { margin: 0 0 1rem; }
.card > :last-child, .card ul { margin-bottom: 0; }
.card ul { margin-top: 0; padding-inline-start: 1.25rem; }
.card .list { padding: 0; }
dt { font-weight: 600; }
dd { margin: 0 0 .5rem; }
pre { white-space: pre-wrap; font: .9rem/1.5 ui-monospace, monospace; margin: 0 0 .75rem; overflow-wrap: anywhere; }
code { font: .95em ui-monospace, monospace; }
.mode { display: inline-block; background: var(--mode-tint); color: var(--mode); border-radius: 1rem; padding: .1rem .7rem; font-weight: 600; }
.action { background: var(--mode-tint); color: var(--ink); border-radius: .4rem; padding: .5rem .75rem; }
.replay { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
.shopview { border: 2px dashed var(--line); border-radius: .6rem; padding: 1rem; }
.turns { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem; padding: 0; margin: 0 0 1rem; }
.turns a { display: inline-block; min-width: 2.5rem; min-height: 2.5rem; line-height: 2.5rem; padding: 0 .5rem; text-align: center; border: 1px solid var(--line);
  border-radius: .4rem; text-decoration: none; background: var(--card); }
.turns a[aria-current] { background: var(--accent); color: var(--on-accent); border-color: var(--accent); font-weight: 700; }
.list { padding: 0; margin: 0; list-style: none; }
.list > li { border-top: 1px solid var(--line); padding: .75rem 0; display: grid; gap: .5rem; }
.list p { margin: 0; }
@media (min-width: 45rem) {
  .item { grid-template-columns: 12rem minmax(0, 1fr); }
  .item .tile { max-width: none; }
  .replay .item { grid-template-columns: 6rem minmax(0, 1fr); }
  .list > li { grid-template-columns: minmax(0, 1fr) auto; align-items: center; }
  .wide .replay { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
  .wide .agent { position: sticky; top: 1rem; order: 1; }
}
@media (prefers-reduced-motion: no-preference) { .button { transition: background-color .1s; } }
@media (forced-colors: active) { .button[aria-pressed="true"], .button.on { outline: 2px solid Highlight; } }
`;
