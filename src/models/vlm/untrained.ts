/** A model with the sizes of another and random weights: what a claim about the trained one is measured beside. */
import { Random } from "../../engine/tensor/random.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { isStored, mapWeights } from "../clip/weights.js";
import { LanguageModel } from "../language/language-model.js";
import { isLanguageLeaf, isQuantised, type LanguageLeaf } from "../language/quantised.js";
import type { Bridge } from "./bridge.js";
import { VisionLanguageModel } from "./vision-language-model.js";

/** Language model and projector, or Q-Former, are random, in memory; the tower is shared with `model`, which must live as long. */
export function untrainedVlm({ parts }: VisionLanguageModel, seed: number): VisionLanguageModel {
  const random = new Random(seed);
  const drawn = (leaf: LanguageLeaf): StoredTensor => {
    const { name } = isQuantised(leaf) ? leaf.packed : leaf;
    const { shape } = leaf;
    // Gains are 1; matrices keep the scale of what they are multiplied with.
    const values =
      shape.length === 1
        ? new Float32Array(shape[0]!).fill(name.endsWith("bias") ? 0 : 1)
        : random.centred(sizeOf(shape), shape.at(-1)! ** -0.5);
    return { name, dtype: "F32", shape, bytes: new Uint8Array(values.buffer) };
  };
  const { weights, config, device } = parts.language;
  return new VisionLanguageModel({
    ...parts,
    language: new LanguageModel(mapWeights(weights, isLanguageLeaf, drawn), config, device),
    bridge: drawnBridge(parts.bridge, drawn),
  });
}

function drawnBridge(bridge: Bridge, drawn: (leaf: StoredTensor) => StoredTensor): Bridge {
  return bridge.kind === "projector"
    ? { ...bridge, weights: mapWeights(bridge.weights, isStored, drawn) }
    : { ...bridge, weights: mapWeights(bridge.weights, isStored, drawn) };
}
