/** `vitrine neurons`: what the neurons of one layer make later heads say of pictures. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { dot } from "../../engine/tensor/rows.js";
import { makeFolder } from "../../engine/weights/atomic-file.js";
import { SafetensorsWriter } from "../../engine/weights/safetensors/writer.js";
import { type Bookkeeping, NeuronEffects } from "../../methods/neurons/second-order.js";
import { loadClip } from "../../models/clip/load.js";
import { caveatOf, checkSource } from "../decompose/run.js";
import { pictureSource, pixelFileSource } from "../decompose/sources.js";
import { downloadProgress } from "../download-progress.js";
import { OutputExistsError } from "../errors.js";
import { neuronWords } from "../neurons/words.js";
import { documentOf, refuseEarlierWords, wordsText, writeWords } from "../neurons/words-output.js";
import { countProgress } from "../progress.js";
import { type PictureSetOptions, pictureSet } from "../pictures/picture-set.js";
import { skippedLines, usableSource } from "../pictures/usable-source.js";
import { printable } from "../terminal-text.js";
import { namedTextPool } from "../text-pool.js";
import type { ModelOptions } from "./model-options.js";

export interface NeuronsCommandOptions extends ModelOptions, PictureSetOptions {
  readonly layer: number;
  readonly bookkeeping: Bookkeeping;
  readonly out?: string;
  readonly top: number;
  readonly strict?: true;
  readonly force?: true;
  /** File of texts: asks for words and statistics over the pictures instead of each picture's effects. */
  readonly pool?: string;
  readonly atoms?: number;
  readonly neuron?: number;
  readonly concepts?: true;
  /** Class that pictures are to show, and class that they are to be taken for: asks for adversarial words. */
  readonly shown?: string;
  readonly takenFor?: string;
  readonly prompts: number;
}

/** Throws `UsageError` for classes that are no two, and for options that would be passed over. */
function checkClasses(shown: string, takenFor: string, options: NeuronsCommandOptions): void {
  const [own, other] = [shown.trim().toLowerCase(), takenFor.trim().toLowerCase()];
  if (own === "" || other === "" || own === other) {
    const got = `"${shown}" and "${takenFor}"`;
    throw new UsageError({
      what: "two classes are needed that differ",
      got,
      expected: '--shown "a fish" --taken-for "a bird"',
    });
  }
  const lost = (["neuron", "concepts"] as const).find((name) => options[name] !== undefined);
  const unused = options.bookkeeping === "clean" ? lost : "bookkeeping";
  if (unused === undefined) return;
  throw new UsageError({ what: `--${unused} means nothing with --shown`, fix: "leave it out" });
}

const EFFECTS = "neuron_effects.safetensors";

interface Strongest {
  readonly neuron: number;
  /** Length of the effect; the picture's features have length 1. */
  readonly effect: number;
}

/** Throws `UsageError` for a layer that no head follows, and what loading models and pictures throws. */
export async function runNeurons(images: readonly string[], options: NeuronsCommandOptions): Promise<void> {
  const { shown, takenFor, pool } = options;
  if (shown !== undefined && takenFor !== undefined) {
    checkClasses(shown, takenFor, options);
    const { runAdversarial } = await import("../neurons/adversarial.js");
    await runAdversarial(images, { ...options, shown, takenFor });
    return;
  }
  if (shown !== undefined || takenFor !== undefined) {
    const what = "what is shown and what it is to be taken for belong together";
    throw new UsageError({ what, expected: '--shown "a fish" --taken-for "a bird"', fix: "give both" });
  }
  if (pool !== undefined) {
    await runWords(images, options, pool);
    return;
  }
  const lost = (["atoms", "neuron", "concepts"] as const).find((name) => options[name] !== undefined);
  if (lost !== undefined) {
    throw new UsageError({
      what: `--${lost} has no texts to put neurons into`,
      expected: "--pool FILE, or --pool scenes",
      fix: "add it",
    });
  }
  const { layer, bookkeeping, pixels, out, batch, top, frame, json } = options;
  checkSource(images, pixels, "nothing to look at", `vitrine neurons cat.jpg --layer ${layer}`);
  const file = out === undefined ? undefined : join(out, EFFECTS);
  if (file !== undefined && existsSync(file) && options.force === undefined) {
    const fix = "choose another --out, or pass --force to overwrite it";
    throw new OutputExistsError({ what: "the results of an earlier run stand there", where: file, fix });
  }
  await using clip = await loadClip(options.model, { ...options, ...downloadProgress() });
  await using source =
    pixels === undefined ? pictureSource(clip, images, { frame, few: batch }) : await pixelFileSource(clip, pixels);
  const effects = await NeuronEffects.of(clip, layer);
  const { names } = source;
  const { hidden, features } = clip.parts.vision;
  await using writer =
    file === undefined || out === undefined
      ? undefined
      : await openWriter(out, file, [names.length, hidden, features], {
          method: "neurons",
          bookkeeping,
          model: options.model,
          layer: String(layer),
          images: JSON.stringify(names),
        });
  const progress = countProgress(names.length, "pictures");
  const found: { name: string; neurons: Strongest[] }[] = [];
  for (let start = 0; start < names.length; start += batch) {
    const end = Math.min(names.length, start + batch);
    const { data } = await effects.effects(await source.read(start, end), { bookkeeping, batch });
    await writer?.writeRows("neuron_effects", start, data);
    const size = hidden * features;
    for (let row = 0; row < end - start; row++) {
      const neurons = strongest(data.subarray(row * size, (row + 1) * size), features, top);
      found.push({ name: names[start + row]!, neurons });
    }
    progress.update(end);
  }
  progress.clear();
  await writer?.finish();
  const caveat = await caveatOf(clip);
  if (json) {
    const model = { ref: clip.parts.ref, caveat };
    const files = file === undefined ? [] : [file];
    process.stdout.write(`${JSON.stringify({ model, layer, bookkeeping, images: found, files })}\n`);
    return;
  }
  const head = `${printable(clip.parts.ref)} · layer ${layer} of ${clip.parts.vision.layers} · ${hidden} neurons · ${bookkeeping}\n`;
  const blocks = found.map(({ name, neurons }) => {
    const rows = neurons.map(({ neuron, effect }) => `  ${String(neuron).padStart(5)}   ${effect.toFixed(4)}`);
    return `\n${printable(name)}: the strongest effects (of features of length 1)\n${rows.join("\n")}\n`;
  });
  const wrote = file === undefined ? "" : `\nWrote ${printable(file)}.\n`;
  process.stdout.write(head + (caveat === undefined ? "" : `${caveat}\n`) + blocks.join("") + wrote);
}

/** Words and statistics of neurons; the pictures are the set that these are of. */
async function runWords(images: readonly string[], options: NeuronsCommandOptions, pool: string): Promise<void> {
  const { layer, bookkeeping, out, batch, strict = false, json } = options;
  if (bookkeeping !== "clean") {
    const what = "statistics are of effects without constants, which belong to no neuron";
    throw new UsageError({ what, got: `--bookkeeping ${bookkeeping}`, expected: "clean", fix: "leave it out" });
  }
  const texts = await namedTextPool(pool);
  if (out !== undefined && options.force === undefined) refuseEarlierWords(out);
  await using clip = await loadClip(options.model, { ...options, ...downloadProgress() });
  await using set = await pictureSet(clip, images, options);
  const { source, skipped } = await usableSource(set, { batch, strict });
  const found = await neuronWords(clip, source, texts, options);
  const { ref, vision } = clip.parts;
  const run = { ref, layer, names: source.names, texts };
  const files = out === undefined ? [] : await writeWords(out, run, found);
  const caveat = await caveatOf(clip);
  if (json) {
    const document = documentOf(run, found);
    process.stdout.write(`${JSON.stringify({ ...document, skipped, model: { ref, caveat }, files })}\n`);
    return;
  }
  const size = `${vision.hidden} neurons · ${found.statistics.count} pictures · ${texts.length} texts`;
  const head = [
    `${printable(ref)} · layer ${layer} of ${vision.layers} · ${size}`,
    ...(caveat === undefined ? [] : [caveat]),
    ...skippedLines(skipped, set.names.length),
  ];
  const wrote = files.length === 0 ? "" : `\nWrote ${files.map(printable).join(" and ")}.\n`;
  process.stdout.write(`${head.join("\n")}\n${wordsText(run, found)}${wrote}`);
}

async function openWriter(
  folder: string,
  file: string,
  shape: readonly number[],
  metadata: Readonly<Record<string, string>>,
): Promise<SafetensorsWriter> {
  await makeFolder(folder);
  return SafetensorsWriter.create(file, [{ name: "neuron_effects", dtype: "F32", shape }], metadata);
}

/** The neurons with the longest effects [F,D], the longest first. */
function strongest(effects: Float32Array, width: number, count: number): Strongest[] {
  const lengths = Array.from({ length: effects.length / width }, (_, neuron) => {
    const row = effects.subarray(neuron * width, (neuron + 1) * width);
    return { neuron, effect: Math.sqrt(dot(row, row)) };
  });
  return lengths.sort((a, b) => b.effect - a.effect || a.neuron - b.neuron).slice(0, count);
}
