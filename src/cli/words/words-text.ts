/** What `vitrine words` prints: lines for people, and one JSON document. */
import { headName, signed } from "../../methods/decompose/report/numbers.js";
import { headTotals, type WordAttribution, wordTotals } from "../../methods/decompose/words.js";
import { VERSION } from "../../version.js";
import { columnsOf, padEnd, padStart, printable } from "../terminal-text.js";
import { otherName, sourceName, type WordsRun } from "./words-run.js";

const BAR_COLUMNS = 24;
const VALUE_COLUMNS = 10;

export function wordsText(
  run: WordsRun,
  { top, files }: { readonly top: number; readonly files: readonly string[] },
): string {
  const { clip, caveat, texts, found } = run;
  const { layers = 0, heads = 0 } = clip.parts.text ?? {};
  const sections = texts.flatMap((text, i) =>
    found[i]!.flatMap((attribution, t) => [
      "",
      `“${printable(text)}” with ${printable(otherName(run, t))}: cosine ${signed(attribution.cosine)}`,
      ...partLines(attribution),
      ...headLines(attribution, top),
    ]),
  );
  const lines = [
    `${printable(clip.parts.ref)} · text tower of ${layers} layers × ${heads} heads`,
    ...(caveat === undefined ? [] : [caveat]),
    ...sections,
    "",
    files.length === 0
      ? "Add --out DIR for tensors, a table and figures."
      : `Wrote ${files.map(printable).join(", ")}.`,
  ];
  return `${lines.join("\n")}\n`;
}

/** Words through all heads, then what is no word's. */
function partLines(attribution: WordAttribution): string[] {
  const totals = wordTotals(attribution);
  const [start, ...mlps] = attribution.mlps;
  const parts = [
    ...attribution.sources.map((source, i) => [printable(sourceName(source)), totals[i]!] as const),
    ["start of the stream", start!] as const,
    [`MLPs`, mlps.reduce((a, b) => a + b, 0)] as const,
  ];
  const width = Math.max(...parts.map(([name]) => columnsOf(name)));
  const reach = Math.max(...parts.map(([, value]) => Math.abs(value))) || 1;
  return parts.map(([name, value]) => {
    const bar = (value < 0 ? "▒" : "█").repeat(Math.round((Math.abs(value) / reach) * BAR_COLUMNS));
    return `  ${padEnd(name, width)}${padStart(signed(value), VALUE_COLUMNS)}  ${bar}`.trimEnd();
  });
}

/** The heads that add or take most, each with the word it does so by. */
function headLines(attribution: WordAttribution, top: number): string[] {
  const { cells, sources } = attribution;
  const totals = headTotals(attribution);
  const perLayer = totals.shape[1]!;
  const ranked = Array.from(totals.data, (value, i) => ({ value, i })).sort(
    (a, b) => Math.abs(b.value) - Math.abs(a.value),
  );
  const lines = ranked.slice(0, top).map(({ value, i }) => {
    const own = cells.data.subarray(i * sources.length, (i + 1) * sources.length);
    const most = own.reduce((best, one, w) => (one * value > own[best]! * value ? w : best), 0);
    const name = headName({ layer: Math.floor(i / perLayer), head: i % perLayer });
    return `    ${padEnd(name, 8)}${signed(value)}   most by ${printable(sourceName(sources[most]!))} (${signed(own[most]!)})`;
  });
  return ["  heads", ...lines];
}

export function documentOf(run: WordsRun, files: readonly string[]): Record<string, unknown> {
  const { clip, caveat, texts, others, found } = run;
  return {
    version: VERSION,
    model: { ref: clip.parts.ref, commit: clip.parts.source.commit, caveat },
    with: others,
    texts: texts.map((text, i) => ({
      text,
      with: found[i]!.map((attribution, t) => {
        const totals = wordTotals(attribution);
        const heads = headTotals(attribution);
        const perLayer = heads.shape[1]!;
        return {
          name: otherName(run, t),
          cosine: attribution.cosine,
          words: attribution.sources.map((source, w) => ({ ...source, value: totals[w] })),
          heads: Array.from(heads.data, (value, h) => ({ layer: Math.floor(h / perLayer), head: h % perLayer, value })),
          start: attribution.mlps[0],
          mlps: [...attribution.mlps.subarray(1)],
        };
      }),
    })),
    files,
  };
}
