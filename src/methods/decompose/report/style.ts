/** The report's style sheet. Drawings take all their colours from here, so that they follow the reader's colour scheme. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f7f7f4; --panel: #ffffff; --ink: #1b1d20; --soft: #5b6067; --rule: #e2e2dc; --plate: #f4f4f0;
  --for: #b2182b; --against: #2166ac; --attention: #2f6f62; --mlp: #c08a2b; --accent: #34558b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131416; --panel: #1b1d20; --ink: #e8e8e4; --soft: #a0a5ac; --rule: #2f3236; --plate: #24272b;
    --for: #ff7f66; --against: #64b0ee; --attention: #63b5a3; --mlp: #d9a748; --accent: #9bb8e8;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere; }
main, header, footer { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .35em; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 16px; }
h3 { font-size: 1.05rem; line-height: 1.35; margin: 0; }
h4 { font-size: .875rem; font-weight: 600; margin: 0 0 8px; }
p { margin: 0 0 .7em; }
.lead { color: var(--soft); max-width: 46em; }
.notice { border-left: 4px solid var(--mlp); background: var(--panel); padding: 10px 14px; max-width: 46em; }
.guide { margin: 20px 0; }
.guide summary { font-weight: 600; cursor: pointer; }
.guide ul { padding-left: 1.2em; margin: .6em 0 0; columns: 2 30em; column-gap: 40px; }
.guide li { margin-bottom: .4em; break-inside: avoid; }
.swatch { font-weight: 600; } .swatch.for { color: var(--for); } .swatch.against { color: var(--against); }
fieldset.view { border: 0; padding: 0; margin: 22px 0 0; display: flex; flex-wrap: wrap; gap: 6px 20px; }
fieldset.view legend { float: left; font-weight: 600; margin-right: 4px; }
fieldset.view label { cursor: pointer; }
input { accent-color: var(--accent); }
body:has(#view-alone:checked) .against-view, body:not(:has(#view-alone:checked)) .alone-view { display: none; }
.picture { border-top: 1px solid var(--rule); margin-top: 32px; padding-top: 28px; }
.overview { display: grid; grid-template-columns: 224px minmax(0, 1fr); gap: 28px; align-items: start; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: .8125rem; color: var(--soft); margin-top: 6px; }
img { display: block; width: 100%; height: auto; border-radius: 4px; background: var(--plate); }
.scores { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.scores th, .scores td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--rule); font-weight: 400; vertical-align: middle; }
.scores thead th { font-size: .8125rem; color: var(--soft); }
.scores td.number, .scores th.number { text-align: right; white-space: nowrap; padding-right: 0; padding-left: 14px; width: 1%; }
.scores tr.best th { font-weight: 650; }
.scores .bar { width: 36%; }
.share { display: block; width: 100%; height: 9px; border-radius: 2px; }
.share .trough { fill: var(--rule); } .share .fill { fill: var(--accent); }
.keys { display: flex; flex-wrap: wrap; gap: 6px 28px; margin-top: 18px; font-size: .8125rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.key { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 2px 7px; }
.key > span { white-space: nowrap; }
.ramp { width: 96px; height: 9px; border-radius: 2px; }
.ramp-for { stop-color: var(--for); } .ramp-middle { stop-color: var(--plate); } .ramp-against { stop-color: var(--against); }
.defs { position: absolute; }
.texts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 20px; margin-top: 22px; }
.text { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 18px; min-width: 0; break-inside: avoid; }
.text > figure { margin-top: 18px; }
.text .sum { font-size: .875rem; color: var(--soft); margin: 2px 0 0; font-variant-numeric: tabular-nums; }
.chart { border-radius: 4px; outline-offset: 3px; }
.chart:focus-visible, input:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--accent); }
.chart svg { display: block; max-width: 100%; height: auto; }
.plate { fill: var(--plate); }
.mark.for { fill: var(--for); } .mark.against { fill: var(--against); }
.mark.attention { fill: var(--attention); } .mark.mlp { fill: var(--mlp); }
.mark.at { stroke: var(--ink); stroke-width: 2; paint-order: stroke; }
.axis { stroke: var(--soft); stroke-width: 1; }
.tick { font-size: 10px; fill: var(--soft); }
.says { font-size: .8125rem; color: var(--soft); margin: 6px 0 0; min-height: 1.5em; font-variant-numeric: tabular-nums; }
.says.live { color: var(--ink); }
.dot { display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin-right: .35em; }
.dot.attention { background: var(--attention); } .dot.mlp { background: var(--mlp); }
.heads { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 16px; margin: 12px 0 0; padding: 0; list-style: none; }
.heads figcaption { font-variant-numeric: tabular-nums; } .heads b { color: var(--ink); }
.top { margin-top: 26px; break-inside: avoid; }
details { font-size: .875rem; margin-top: 12px; }
summary { cursor: pointer; color: var(--soft); }
.guide summary { color: var(--ink); } .guide { font-size: .9375rem; }
.scroll { overflow-x: auto; }
.numbers { border-collapse: collapse; font-size: .75rem; font-variant-numeric: tabular-nums; margin-top: 8px; overflow-wrap: normal; white-space: nowrap; }
.numbers th, .numbers td { padding: 2px 8px; text-align: right; border-bottom: 1px solid var(--rule); font-weight: 400; }
.numbers caption { text-align: left; color: var(--soft); white-space: normal; padding-bottom: 6px; }
footer { margin-top: 44px; padding-bottom: 48px; font-size: .8125rem; color: var(--soft); }
footer dl { border-top: 1px solid var(--rule); padding-top: 20px; display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 18px; margin: 0; }
footer dt { font-weight: 600; } footer dd { margin: 0; }
code { font: .8125rem/1.45 ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre-wrap; }
@media (min-width: 800px) {
  .only-view .texts { grid-template-columns: minmax(0, 1fr); }
  .only-view .text { display: grid; grid-template-columns: minmax(0, 400px) minmax(0, 1fr); column-gap: 36px; align-items: start; }
  .only-view .text > * { grid-column: 2; }
  .only-view .text > h3, .only-view .text > .sum { grid-column: 1 / -1; }
  .only-view .text > figure:first-of-type { grid-column: 1; grid-row: 3 / span 3; }
}
@media (max-width: 640px) {
  main, header, footer { padding-left: 16px; padding-right: 16px; }
  header { padding-top: 24px; }
  .overview { grid-template-columns: minmax(0, 1fr); gap: 18px; }
  .overview > figure:first-child { max-width: 224px; }
  .scores .bar { display: none; }
  .text { padding: 14px; }
  .heads { grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 12px; }
  footer dl { grid-template-columns: minmax(0, 1fr); } footer dd { margin-bottom: 6px; }
}
@media print {
  :root { --page: #fff; --plate: #f4f4f0; }
  body { print-color-adjust: exact; -webkit-print-color-adjust: exact; font-size: 11pt; }
  .says, fieldset.view, details:not([open]) { display: none; }
  .picture { break-before: page; margin-top: 0; border-top: 0; }
  .picture:first-of-type { break-before: auto; }
}
`;
