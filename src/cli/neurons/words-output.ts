/** Writes what `vitrine neurons --pool` found: tensors, JSON, and lines for people. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "../../engine/tensor/tensor.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { writeSafetensors } from "../../engine/weights/safetensors/write.js";
import { percent, signed } from "../../methods/decompose/report/numbers.js";
import { OutputExistsError } from "../errors.js";
import { printable } from "../terminal-text.js";
import type { NeuronWords } from "./words.js";

const STATISTICS = "neuron_statistics.safetensors";
const WORDS = "neuron_words.json";

/** Words printed for each neuron, and pictures. */
const WORDS_SHOWN = 6;
const PICTURES_SHOWN = 3;
const CONCEPTS_SHOWN = 5;

/** Throws {@link OutputExistsError} where results stand already. */
export function refuseEarlierWords(out: string): void {
  const earlier = [STATISTICS, WORDS].map((name) => join(out, name)).find((path) => existsSync(path));
  if (earlier === undefined) return;
  const fix = "choose another --out, or pass --force to overwrite it";
  throw new OutputExistsError({ what: "the results of an earlier run stand there", where: earlier, fix });
}

export interface WordsRun {
  readonly ref: string;
  readonly layer: number;
  readonly names: readonly string[];
  readonly texts: readonly string[];
}

/** Returns the paths. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeWords(out: string, run: WordsRun, found: NeuronWords): Promise<string[]> {
  await makeFolder(out);
  const { count, ...tensors } = found.statistics;
  const list = Object.entries<Tensor>(tensors).map(([name, { dtype, shape, data }]) => ({
    name,
    dtype: dtype === "int32" ? ("I32" as const) : ("F32" as const),
    shape,
    data,
  }));
  const metadata = { method: "neuron statistics", model: run.ref, layer: String(run.layer), pictures: String(count) };
  const files = [join(out, STATISTICS), join(out, WORDS)] as const;
  await writeSafetensors(files[0], list, { ...metadata, images: JSON.stringify(run.names) });
  const neurons = [...found.words.keys()];
  await writeWhole(files[1], `${JSON.stringify(documentOf(run, { ...found, listed: neurons }))}\n`);
  return [...files];
}

/** All that was found, as `--json` prints it. */
export function documentOf({ ref, layer, names, texts }: WordsRun, found: NeuronWords): Record<string, unknown> {
  const { statistics, words, listed, concepts } = found;
  return {
    model: { ref },
    layer,
    pictures: statistics.count,
    texts: texts.length,
    neurons: listed.map((neuron) => ({
      neuron,
      mean_length: statistics.mean_lengths.data[neuron],
      threshold: statistics.thresholds.data[neuron],
      share: statistics.shares.data[neuron],
      concentration: statistics.concentrations.data[neuron],
      explained: statistics.explained.data[neuron],
      explained_random: statistics.explained_random.data[neuron],
      strongest_on: strongestOn(neuron, found).map((picture) => names[picture]),
      words_explained: words.get(neuron)!.explained,
      words: words.get(neuron)!.words.map(({ text, coefficient }) => ({ text: texts[text], index: text, coefficient })),
    })),
    ...(concepts && {
      images: concepts.map(({ active, concepts }, i) => ({
        name: names[i],
        active,
        concepts: concepts.map(({ text, score }) => ({ text: texts[text], score })),
      })),
    }),
  };
}

/** Lines for people. */
export function wordsText({ names, texts }: WordsRun, found: NeuronWords): string {
  const { statistics, listed, words, concepts } = found;
  const kept = statistics.top_pictures.shape[1]!;
  const neurons = listed.map((neuron) => {
    const { explained, words: own } = words.get(neuron)!;
    const number = (tensor: { readonly data: Float32Array }): number => tensor.data[neuron]!;
    const lines = own
      .slice(0, WORDS_SHOWN)
      .map(({ text, coefficient }) => `  ${signed(coefficient)}   ${printable(texts[text]!)}`);
    const pictures = strongestOn(neuron, found).slice(0, PICTURES_SHOWN);
    return [
      "",
      `Neuron ${neuron}: effects over ${number(statistics.thresholds).toFixed(4)} on ${percent(number(statistics.shares))} of the pictures`,
      `  The ${kept} strongest have ${percent(number(statistics.concentrations))} of all effects' squares; one direction has ${percent(number(statistics.explained))} of theirs (random ones ${percent(number(statistics.explained_random))}).`,
      `  ${own.length} texts make up ${percent(explained)} of it:`,
      ...lines,
      `  Strongest on ${pictures.map((picture) => printable(names[picture]!)).join(", ")}`,
    ].join("\n");
  });
  const pictures = (concepts ?? []).map(({ active, concepts }, i) => {
    const said = concepts
      .slice(0, CONCEPTS_SHOWN)
      .map(({ text, score }) => `${printable(texts[text]!)} ${signed(score)}`);
    const what = said.length === 0 ? "no neuron over its threshold" : said.join(" · ");
    return `  ${printable(names[i]!)}: ${active.length} active · ${what}`;
  });
  const heading = pictures.length === 0 ? [] : ["", "What the neurons over their thresholds say of each picture:"];
  return `${[...neurons, ...heading, ...pictures].join("\n")}\n`;
}

function strongestOn(neuron: number, { statistics: { top_pictures } }: NeuronWords): number[] {
  const kept = top_pictures.shape[1]!;
  return [...top_pictures.data.subarray(neuron * kept, (neuron + 1) * kept)];
}
