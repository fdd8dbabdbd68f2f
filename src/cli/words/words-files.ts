/** Writes what `vitrine words --out` asks for: tensors, a table, and a figure for each text and what it is compared with. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { heatFigure } from "../../engine/media/heat-figure.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { writeSafetensors } from "../../engine/weights/safetensors/write.js";
import { headName, signed } from "../../methods/decompose/report/numbers.js";
import type { WordAttribution } from "../../methods/decompose/words.js";
import { VERSION } from "../../version.js";
import { uniqueSlugs } from "../decompose/results-folder.js";
import { OutputExistsError } from "../errors.js";
import { otherName, sourceName, type WordsRun } from "./words-run.js";

const TENSORS = "words.safetensors";
const TABLE = "words.csv";

/** Throws {@link OutputExistsError} where results stand already. */
export function refuseEarlierWords(out: string): void {
  const where = join(out, TENSORS);
  if (!existsSync(where)) return;
  const fix = "choose another --out, or pass --force to overwrite it";
  throw new OutputExistsError({ what: "the results of an earlier run stand there", where, fix });
}

/** Returns the paths. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeWordFiles(out: string, run: WordsRun): Promise<string[]> {
  await makeFolder(out);
  const { clip, texts, others, found } = run;
  const tensors = found.flatMap((ofText, i) =>
    ofText.flatMap(({ cells, mlps }, t) => [
      { name: `cells.${i}.${t}`, dtype: "F32" as const, shape: cells.shape, data: cells.data },
      { name: `mlps.${i}.${t}`, dtype: "F32" as const, shape: [mlps.length], data: mlps },
    ]),
  );
  await writeSafetensors(join(out, TENSORS), tensors, {
    method: "words",
    version: VERSION,
    model: clip.parts.ref,
    texts: JSON.stringify(texts),
    with: JSON.stringify(others),
    words: JSON.stringify(found.map(([first]) => first!.sources.map(sourceName))),
  });
  await writeWhole(join(out, TABLE), csv(run));
  const files = [join(out, TENSORS), join(out, TABLE)];
  const pairs = texts.flatMap((text, i) => found[i]!.map((attribution, t) => ({ text, t, attribution })));
  const names = pairs.map(({ text, t }) => (others.kind === "own" ? text : `${text} with ${others.names[t]!}`));
  for (const [i, slug] of uniqueSlugs(names, "text").entries()) {
    const { text, t, attribution } = pairs[i]!;
    const path = join(out, `${slug}.svg`);
    await writeWhole(path, wordFigure(run, `“${text}” with ${otherName(run, t)}`, attribution));
    files.push(path);
  }
  return files;
}

function wordFigure({ clip }: WordsRun, title: string, { cosine, cells, mlps, sources }: WordAttribution): string {
  const [layers, heads] = cells.shape as [number, number];
  const ofWords = cells.data.reduce((a, b) => a + b, 0);
  const rest = `stream’s start ${signed(mlps[0]!)}, MLPs ${signed(mlps.subarray(1).reduce((a, b) => a + b, 0))}`;
  return heatFigure({
    title,
    notes: [
      `${clip.parts.ref} · cosine ${signed(cosine)} = words through heads ${signed(ofWords)}, ${rest}`,
      "What each head of the text tower adds by each word.",
    ],
    panels: [{ title: "", values: cells.data }],
    rows: Array.from({ length: layers * heads }, (_, i) => headName({ layer: Math.floor(i / heads), head: i % heads })),
    columns: sources.map(sourceName),
    rowAxis: "head",
    columnAxis: "word",
    scale: "part of the cosine",
  });
}

function csv(run: WordsRun): string {
  const rows = run.texts.flatMap((text, i) =>
    run.found[i]!.flatMap(({ cells, mlps, sources }, t) => {
      const [, heads] = cells.shape as [number, number];
      const common = [quoted(text), quoted(otherName(run, t))];
      const ofHeads = Array.from(cells.data, (value, at) => {
        const [head, source] = [Math.floor(at / sources.length), sources[at % sources.length]!];
        const [from, to] = source.tokens;
        return [
          ...common,
          "head",
          Math.floor(head / heads),
          head % heads,
          quoted(sourceName(source)),
          from,
          to,
          value,
        ].join(",");
      });
      const ofMlps = Array.from(mlps, (value, k) =>
        [...common, k === 0 ? "start" : "mlp", k === 0 ? "" : k - 1, "", "", "", "", value].join(","),
      );
      return [...ofHeads, ...ofMlps];
    }),
  );
  return ["text,with,part,layer,head,word,first_token,after_token,value", ...rows].join("\n").concat("\n");
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
