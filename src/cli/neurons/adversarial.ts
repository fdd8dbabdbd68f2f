/** `vitrine neurons --shown … --taken-for …`: what to show beside a thing so that the model takes it for something else. */
import { join } from "node:path";
import { encodePng } from "../../engine/media/encode.js";
import { proportion, type Proportion } from "../../engine/tensor/proportion.js";
import { seeded } from "../../engine/train/seeds.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { adversarialScenes } from "../../methods/neurons/adversarial-scenes.js";
import {
  adversarialPrompts,
  type AdversarialWord,
  adversarialWords,
  classDifference,
  speaksOf,
} from "../../methods/neurons/adversarial.js";
import { takenForWrong } from "../../methods/neurons/evaluate-adversarial.js";
import type { Clip } from "../../models/clip/clip.js";
import { loadClip } from "../../models/clip/load.js";
import { contactSheet } from "../../worlds/contact-sheet.js";
import { allDescriptions, renderScene, type Scene, type Shape, valuesSaid } from "../../worlds/scenes/index.js";
import type { NeuronsCommandOptions } from "../commands/neurons.js";
import { caveatOf } from "../decompose/run.js";
import { downloadProgress } from "../download-progress.js";
import { refuseToOverwrite } from "../overwrite.js";
import { pictureSet } from "../pictures/picture-set.js";
import { skippedLines, usableSource } from "../pictures/usable-source.js";
import { printable } from "../terminal-text.js";
import { readTextPool } from "../text-pool.js";
import { encodeTexts, neuronWords } from "./words.js";

export type AdversarialOptions = NeuronsCommandOptions & { readonly shown: string; readonly takenFor: string };

const SCENES = 96;
const COLUMNS = 8;
const SIDE = 128;

/** Throws what `neuronWords` throws, and `UsageError` where no text of the pool deceives. */
export async function runAdversarial(images: readonly string[], options: AdversarialOptions): Promise<void> {
  const { layer, shown, takenFor, pool, out, batch, seed, prompts: count, strict = false, force, json } = options;
  const texts = pool === undefined ? allDescriptions() : await readTextPool(pool);
  if (out !== undefined) for (const name of NAMES) refuseToOverwrite(join(out, name), force);
  await using clip = await loadClip(options.model, { ...options, ...downloadProgress() });
  await using set = await pictureSet(clip, images, options);
  const { source, skipped } = await usableSource(set, { batch, strict });
  const found = await neuronWords(clip, source, texts, { ...options, describe: "all" });
  const { directions } = found.statistics;
  const [own, wrong] = [await clip.encodeText([shown]), await clip.encodeText([takenFor])];
  const isWrong = speaksOf(takenFor, wrong, texts, await encodeTexts(clip, texts));
  const described = [{ layer, directions, words: [...found.words.values()] }];
  const words = adversarialWords(described, classDifference(wrong, own), { exclude: (text) => isWrong[text]! });
  const said = words.map(({ text }) => texts[text]!);
  const usable = texts.filter((text, i) => !isWrong[i]! && valuesSaid(text).length > 0);
  const prompts = adversarialPrompts(shown, said, { count, seed });
  const scenes = pool === undefined ? await onScenes(clip, said, usable, options, { own, wrong }) : undefined;

  const document = {
    layer,
    shown,
    taken_for: takenFor,
    pictures: found.statistics.count,
    skipped,
    words: words.map(({ text, ...word }) => ({ text: texts[text]!, ...word })),
    prompts,
    ...(scenes && { scenes: { count: SCENES, taken_for: scenes.adversarial, random: scenes.random } }),
  };
  const files = out === undefined ? [] : await write(out, document, prompts, scenes?.drawn);
  const model = { ref: clip.parts.ref, caveat: await caveatOf(clip) };
  if (json) {
    process.stdout.write(`${JSON.stringify({ model, ...document, files })}\n`);
    return;
  }
  const lines = [
    `${printable(model.ref)} · neurons of layer ${layer} · ${found.statistics.count} pictures · ${texts.length} texts`,
    ...(model.caveat === undefined ? [] : [model.caveat]),
    ...skippedLines(skipped, set.names.length),
    "",
    `What speaks for "${printable(takenFor)}" against "${printable(shown)}", by the words of neurons:`,
    ...words.map(wordLine(texts)),
    "",
    "Prompts for an image generator:",
    ...prompts.map((prompt) => `  ${printable(prompt)}`),
    ...(scenes === undefined ? [] : ["", sceneLine(scenes, takenFor)]),
    "",
    files.length === 0
      ? "Add --out DIR to write them, and pictures of scenes."
      : `Wrote ${files.map(printable).join(", ")}.`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

const NAMES = ["adversarial.json", "prompts.txt", "scenes.png"] as const;

async function write(
  out: string,
  document: object,
  prompts: readonly string[],
  scenes: readonly Scene[] | undefined,
): Promise<string[]> {
  await makeFolder(out);
  const [json, list, sheet] = NAMES.map((name) => join(out, name)) as [string, string, string];
  await writeWhole(json, `${JSON.stringify(document, null, 1)}\n`);
  await writeWhole(list, `${prompts.join("\n")}\n`);
  if (scenes === undefined) return [json, list];
  const pictures = scenes.slice(0, 6 * COLUMNS).map((scene) => renderScene(scene, SIDE));
  await writeWhole(sheet, await encodePng(contactSheet(pictures, { columns: COLUMNS }).image));
  return [json, list, sheet];
}

interface OnScenes {
  readonly drawn: readonly Scene[];
  /** Of scenes with the words, and with as many random texts: the share taken for the wrong class. */
  readonly adversarial: Proportion;
  readonly random: Proportion;
}

/** Where both classes are shapes of the world: scenes of the one, with the words around it. */
async function onScenes(
  clip: Clip,
  words: readonly string[],
  pool: readonly string[],
  { shown, takenFor, seed }: AdversarialOptions,
  { own, wrong }: { readonly own: FloatTensor; readonly wrong: FloatTensor },
): Promise<OnScenes | undefined> {
  const shapeOf = (text: string): Shape | undefined =>
    valuesSaid(text).find(({ attribute }) => attribute === "shape")?.value as Shape | undefined;
  const [shape, other] = [shapeOf(shown), shapeOf(takenFor)];
  if (shape === undefined || other === undefined || shape === other) return undefined;
  const random = seeded(seed, "adversarial scenes");
  const drawn = adversarialScenes(words, { shown: shape, wrong: other, count: SCENES }, random);
  const others = adversarialScenes(
    random.shuffled(pool).slice(0, words.length),
    {
      shown: shape,
      wrong: other,
      count: SCENES,
    },
    random,
  );
  const difference = classDifference(wrong, own);
  return {
    drawn,
    adversarial: proportion(await takenForWrong(clip, drawn, difference)),
    random: proportion(await takenForWrong(clip, others, difference)),
  };
}

const wordLine =
  (texts: readonly string[]) =>
  ({ text, score, neuron }: AdversarialWord): string =>
    `  ${score.toFixed(4).padStart(8)}   ${printable(texts[text]!)}   (neuron ${neuron})`;

function sceneLine({ adversarial, random }: OnScenes, takenFor: string): string {
  const show = ({ share, low, high }: Proportion): string =>
    `${(100 * share).toFixed(1)}% [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
  return `Of ${SCENES} scenes with such words, ${show(adversarial)} are nearer to "${printable(takenFor)}"; of as many with random texts of the pool, ${show(random)}.`;
}
