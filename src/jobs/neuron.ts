import { z } from "zod";
import { type FloatTensor, floatTensor } from "../engine/tensor/tensor.js";
import { seeded } from "../engine/train/seeds.js";
import { checkNeuron } from "../methods/neurons/checks.js";
import { neuronMaps } from "../methods/neurons/segmentation.js";
import { seenPicture } from "../methods/decompose/report/seen-picture.js";
import { fullCaption, type Scene } from "../worlds/scenes/index.js";
import { job } from "./job.js";
import { modelRef } from "./model-info.js";
import { layerOfScenes, surveyOf } from "./neuron-survey.js";
import { pictureRef } from "./picture-ref.js";
import { pixelsOf } from "./pixels.js";

const neuronNumber = z.int().min(0).max(1_000_000);

/** A scene of the sample set, and what the neuron makes of it. */
export interface NeuronScene {
  /** Of the sample set. */
  readonly index: number;
  readonly scene: Scene;
  readonly caption: string;
  /** Of the effect, less its mean. */
  readonly length: number;
}

export interface NeuronOnScenes {
  /** Those that it speaks up on most. */
  readonly strongest: readonly NeuronScene[];
  /** As many drawn at random: what scenes are like anyway. */
  readonly random: readonly NeuronScene[];
  /** Of its effect on each scene, less the mean. */
  readonly lengths: Float32Array;
}

export const neuronJob = job({
  summary: "Scenes on which one neuron's effect is strongest, as many others at random, and its effects on all.",
  params: z.strictObject({ ...layerOfScenes, neuron: neuronNumber }),
  async run(context, { model, neuron, ...options }, control): Promise<NeuronOnScenes> {
    const open = await context.models.open(model, control);
    checkNeuron(open.clip, neuron);
    const { scenes, statistics, lengths } = await surveyOf(context, open, options, control);
    const kept = statistics.top_pictures.shape[1]!;
    const strongest = statistics.top_pictures.data.subarray(neuron * kept, (neuron + 1) * kept);
    const random = seeded(options.seed, "scenes at random", options.layer, neuron);
    const others = [...scenes.keys()].filter((index) => !strongest.includes(index));
    const shown = (index: number): NeuronScene => ({
      index,
      scene: scenes[index]!,
      caption: fullCaption(scenes[index]!),
      length: lengths[index]![neuron]!,
    });
    return {
      strongest: Array.from(strongest, shown),
      random: random.shuffled(others).slice(0, kept).map(shown),
      lengths: Float32Array.from(lengths, (own) => own[neuron]!),
    };
  },
});

export interface NeuronMap {
  readonly seen: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  /** [g,g]: activation at each patch. */
  readonly map: FloatTensor;
}

export const neuronMapJob = job({
  summary: "Where on a picture a neuron is active.",
  params: z.strictObject({ model: modelRef, layer: layerOfScenes.layer, neuron: neuronNumber, picture: pictureRef }),
  async run(context, { model, layer, neuron, picture }, control): Promise<NeuronMap> {
    const { clip } = await context.models.open(model, control);
    const pixels = await pixelsOf(context, clip, [picture]);
    control.signal.throwIfAborted();
    const { data, shape } = await neuronMaps(clip, pixels, [{ layer, neuron }]);
    return {
      seen: seenPicture(pixels, 0, clip.parts.preprocessing),
      map: floatTensor(data, shape.slice(1)),
    };
  },
});
