/** `vitrine interpret compare`: how well the heads of several models can be read, and the texts that tell. */
import { headName, percent } from "../../methods/decompose/report/numbers.js";
import { association, conceptConsistency, entanglement } from "../../methods/interpret/metrics.js";
import { loadClip } from "../../models/clip/load.js";
import { caveatOf } from "../decompose/run.js";
import { downloadProgress } from "../download-progress.js";
import { headRowsOf } from "../interpret/decomposed.js";
import { type GalleryOptions, openGallery } from "../interpret/gallery.js";
import { type HeadReading, HeadReader, type ReadingOptions } from "../interpret/readings.js";
import { columnsOf, fitMiddle, padEnd, padStart, printable } from "../terminal-text.js";
import type { ModelOptions } from "./model-options.js";

export interface CompareOptions extends Omit<ModelOptions, "model">, GalleryOptions, ReadingOptions {
  readonly offline?: true;
}

interface Compared {
  readonly ref: string;
  readonly caveat: string | undefined;
  readonly association: ReturnType<typeof association>;
  readonly entanglement: ReturnType<typeof entanglement>;
  readonly consistency: ReturnType<typeof conceptConsistency>;
  readonly heads: readonly HeadReading[];
}

/** One model after another is loaded. Throws what loading, decoding and TextSpan throw. */
export async function runCompare(refs: readonly string[], options: CompareOptions): Promise<void> {
  const reader = await HeadReader.open(options);
  const compared: Compared[] = [];
  let among = "";
  for (const ref of refs) {
    await using clip = await loadClip(ref, { ...options, ...downloadProgress() });
    await using gallery = await openGallery(clip, options);
    const heads = await reader.read(clip, headRowsOf(clip, gallery, options.batch));
    among = gallery.about;
    compared.push({
      ref: clip.parts.ref,
      caveat: await caveatOf(clip),
      association: association(heads),
      entanglement: entanglement(heads),
      consistency: conceptConsistency(heads, options.texts),
      heads,
    });
  }
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ among, texts: options.texts, about: reader.about, models: compared })}\n`);
    return;
  }
  process.stdout.write(
    `${reader.about} · ${among}\n\n${table(compared, options.texts)}${compared.map(evidence).join("")}`,
  );
}

function table(compared: readonly Compared[], count: number): string {
  const width = Math.max(5, ...compared.map(({ ref }) => Math.min(44, columnsOf(printable(ref)))));
  const half = Math.ceil(count / 2);
  const names = [
    "heads",
    "association",
    "shared heads",
    "heads/label",
    "mean CCS",
    `CCS@${count}`,
    `CCS@${half}`,
    "CCS≤1",
    "CCR",
  ];
  const rows = compared.map(({ ref, heads, association: own, entanglement: tangled, consistency }) => {
    const { shares, heads: scored, redundancy } = consistency;
    const cells = [
      String(heads.length),
      own.score.toFixed(3),
      tangled.sharedHeads.toFixed(3),
      tangled.meanFrequency.toFixed(2),
      (scored.reduce((sum, { score }) => sum + score, 0) / scored.length).toFixed(2),
      percent(shares[count]!),
      percent(shares[half]!),
      percent(shares.slice(0, 2).reduce((a, b) => a + b, 0)),
      redundancy === undefined ? "–" : redundancy.toFixed(2),
    ];
    return [fitMiddle(printable(ref), width), cells] as const;
  });
  const line = (name: string, cells: readonly string[]): string =>
    `${padEnd(name, width)}${cells.map((cell, i) => padStart(cell, columnsOf(names[i]!) + 2)).join("")}\n`;
  return line("model", names) + rows.map(([name, cells]) => line(name, cells)).join("");
}

/** Each head's label, how many of its texts agree, and the texts, those that do marked. */
function evidence({ ref, caveat, heads }: Compared): string {
  const lines = heads.map(({ layer, head, label = "–", texts }) => {
    const agreeing = texts.filter(({ agrees }) => agrees).length;
    const said = texts.map(({ text, agrees }) => `${agrees ? "+" : "−"} ${text}`).join("  ");
    return `  ${padEnd(headName({ layer, head }), 8)}${padEnd(label, 12)} ${agreeing}/${texts.length}  ${said}`;
  });
  return `\n${[printable(ref), ...(caveat === undefined ? [] : [caveat]), ...lines.map(printable)].join("\n")}\n`;
}
