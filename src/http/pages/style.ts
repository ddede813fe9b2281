/** The pages' only style sheet. Colours are named once per scheme; a test keeps their contrast at 4.5 to 1 and above. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --quiet: #525b66; --line: #6e7781; --accent: #0b57b0; --on-accent: #ffffff;
  --wrong: #b3171f; --panel: #f3f5f7; --focus: #0b57b0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --ink: #eceff2; --quiet: #b3bcc6; --line: #8b949e; --accent: #8ec2ff; --on-accent: #0b1a2b;
    --wrong: #ff9c96; --panel: #1f252c; --focus: #ffd33d;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.55 system-ui, sans-serif; }
main, header, footer { max-width: 42rem; margin: 0 auto; padding: 0 1rem; }
main { padding-top: 1rem; padding-bottom: 3rem; }
header { padding-top: 1.25rem; }
header a { color: var(--ink); font-weight: 600; text-decoration: none; }
footer { color: var(--quiet); padding-bottom: 2rem; font-size: .9375rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: .5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2rem 0 .75rem; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; padding: .5rem; background: var(--paper); }
.field { margin: 0 0 1.25rem; }
label, legend { display: block; font-weight: 600; margin-bottom: .25rem; padding: 0; }
.hint { color: var(--quiet); margin: 0 0 .375rem; }
.error { color: var(--wrong); font-weight: 600; margin: 0 0 .375rem; }
input[type=text], input[type=email], input[type=password], textarea {
  width: 100%; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: .5rem .625rem;
}
textarea { min-height: 10rem; resize: vertical; }
[aria-invalid=true] { border: 2px solid var(--wrong) !important; }
button { font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 0; border-radius: 4px; padding: .625rem 1.25rem; min-height: 2.75rem; cursor: pointer; }
button + button { margin-inline-start: .75rem; }
.facts + form { margin-top: 1.25rem; }
fieldset { border: 0; margin: 0 0 1.25rem; padding: 0; }
.choices { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; }
.choices label { display: flex; align-items: center; gap: .5rem; font-weight: 400; min-height: 2.75rem; }
.choices input { width: 1.375rem; height: 1.375rem; margin: 0; accent-color: var(--accent); }
.summary { border: 3px solid var(--wrong); border-radius: 4px; padding: .75rem 1rem; margin: 0 0 1.5rem; }
.summary h2 { margin: 0 0 .5rem; }
.summary a { color: var(--wrong); }
.notice { border-left: 5px solid var(--accent); background: var(--panel); padding: .75rem 1rem; margin: 0 0 1.5rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.conversation { list-style: none; margin: 0; padding: 0; }
.conversation li { background: var(--panel); border-radius: 4px; padding: .75rem 1rem; margin: 0 0 .75rem; }
.conversation .who { color: var(--quiet); margin: 0 0 .25rem; }
.words { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.trap { position: absolute; left: -999rem; }
.wide { overflow-x: auto; }
code { overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 0 0 1rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .375rem .75rem .375rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { color: var(--quiet); font-weight: 600; overflow-wrap: normal; }
td.number { font-variant-numeric: tabular-nums; }
@media print {
  :root { --paper: #ffffff; --ink: #000000; --quiet: #444444; --line: #888888; --panel: #ffffff; }
  body { font-size: 10pt; }
  main { max-width: none; }
  header, .skip, .noprint { display: none; }
  tr, .facts { break-inside: avoid; }
  h2 { break-after: avoid; }
}
@media (forced-colors: active) { button { border: 1px solid; } }
`;
