/** `vitrine neurons --pool`: what the neurons of a layer say over a set of pictures, in words. */
import { UsageError } from "../../engine/errors.js";
import { pickRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { checkNeuron } from "../../methods/neurons/checks.js";
import { type Concepts, imageConcepts } from "../../methods/neurons/concepts.js";
import { NeuronEffects } from "../../methods/neurons/second-order.js";
import { type SparseText, sparseText } from "../../methods/neurons/sparse-text.js";
import { type NeuronStatistics, neuronStatistics } from "../../methods/neurons/statistics.js";
import { textDictionary } from "../../methods/neurons/text-dictionary.js";
import type { Clip } from "../../models/clip/clip.js";
import type { NeuronsCommandOptions } from "../commands/neurons.js";
import { batchesOf, type PixelSource } from "../decompose/sources.js";
import { countProgress } from "../progress.js";

/** What is known of a layer's neurons. */
export interface NeuronWords {
  readonly statistics: NeuronStatistics;
  /** By neuron: of all, or of those listed. */
  readonly words: ReadonlyMap<number, SparseText>;
  /** Neurons to show, in order. */
  readonly listed: readonly number[];
  /** Of each picture, if asked for. */
  readonly concepts: readonly Concepts[] | undefined;
}

export type WordsOptions = Pick<
  NeuronsCommandOptions,
  "layer" | "batch" | "top" | "neuron" | "atoms" | "out" | "concepts" | "device"
> & {
  /** Put all neurons into words, whatever is shown. */
  readonly describe?: "all";
};

/** Texts encoded between two signs of progress. */
const TEXTS = 256;

/**
 * Throws {@link UsageError} for a neuron that the model has not and for pictures or texts that are too few, and what reading and encoding
 * throw.
 */
export async function neuronWords(
  clip: Clip,
  source: PixelSource,
  texts: readonly string[],
  { layer, batch, top, neuron, atoms, out, concepts, device, describe }: WordsOptions,
): Promise<NeuronWords> {
  if (neuron !== undefined) checkNeuron(clip, neuron);
  const effects = await NeuronEffects.of(clip, layer);
  if (atoms !== undefined && atoms > texts.length) throw tooManyAtoms(atoms, texts.length);
  const dictionary = textDictionary(await encodeTexts(clip, texts));
  const size = Math.min(batch, source.names.length);
  const reading = countProgress(2 * source.names.length, "pictures, each twice");
  const statistics = await neuronStatistics(effects, () => pixelsOf(source, size), {
    batch: size,
    onProgress: (read) => {
      reading.update(read);
    },
  });
  reading.clear();

  const everyNeuron = [...statistics.thresholds.data.keys()];
  const strongest = everyNeuron.toSorted((a, b) => statistics.thresholds.data[b]! - statistics.thresholds.data[a]!);
  const listed = neuron === undefined ? strongest.slice(0, top) : [neuron];
  const every = out !== undefined || concepts !== undefined || describe === "all";
  const described = every ? everyNeuron : listed;
  const writing = countProgress(described.length, "neurons");
  const sums = await sparseText(pickRows(statistics.directions, described), dictionary, {
    atoms: atoms ?? Math.min(DEFAULT_ATOMS, texts.length),
    device,
    onProgress: (done) => {
      writing.update(done);
    },
  });
  writing.clear();
  return {
    statistics,
    words: new Map(described.map((neuron, i) => [neuron, sums[i]!])),
    listed,
    concepts: concepts ? await conceptsOf(effects, source, { statistics, sums, size }) : undefined,
  };
}

const DEFAULT_ATOMS = 32;

/** Features [M,D] of many texts. */
export async function encodeTexts(clip: Clip, texts: readonly string[]): Promise<FloatTensor> {
  const width = clip.parts.vision.features;
  const features = new Float32Array(texts.length * width);
  const progress = countProgress(texts.length, "texts");
  for (let start = 0; start < texts.length; start += TEXTS) {
    features.set((await clip.encodeText(texts.slice(start, start + TEXTS))).data, start * width);
    progress.update(Math.min(texts.length, start + TEXTS));
  }
  progress.clear();
  return floatTensor(features, [texts.length, width]);
}

async function* pixelsOf(source: PixelSource, size: number): AsyncGenerator<FloatTensor> {
  for await (const { pixels } of batchesOf(source, size)) yield pixels;
}

async function conceptsOf(
  effects: NeuronEffects,
  source: PixelSource,
  { statistics, sums, size }: { statistics: NeuronStatistics; sums: readonly SparseText[]; size: number },
): Promise<Concepts[]> {
  const found: Concepts[] = [];
  const progress = countProgress(source.names.length, "pictures");
  for await (const pixels of pixelsOf(source, size)) {
    found.push(...imageConcepts(await effects.effects(pixels, { batch: size }), statistics, sums));
    progress.update(found.length);
  }
  progress.clear();
  return found;
}

function tooManyAtoms(atoms: number, texts: number): UsageError {
  return new UsageError({
    what: "the pool cannot give so many texts",
    got: `--atoms ${atoms} of ${texts}`,
    expected: `a whole number from 1 to ${texts}`,
  });
}
