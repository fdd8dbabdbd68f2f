/** Zero-shot classification: class names as directions of the space that pictures and texts share. */
import { UsageError } from "../../engine/errors.js";
import { dotRows, meanDirections, normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { TEMPLATES } from "./templates.js";

/**
 * One unit direction per class, [C,D]: the normalised mean of the normalised features of the name in every template.
 * Source: Radford et al. 2021, section 3.1.4 (prompt ensembling). Throws {@link UsageError} for a template without `{}`.
 */
export async function zeroShotWeights(
  clip: Clip,
  names: readonly string[],
  templates: readonly string[] = TEMPLATES.simple,
): Promise<FloatTensor> {
  const unusable = templates.find((template) => !template.includes("{}"));
  if (unusable !== undefined || templates.length === 0 || names.length === 0) {
    throw new UsageError({
      what: "zero-shot classification needs class names and templates",
      got:
        unusable === undefined ? `${names.length} names, ${templates.length} templates` : `the template "${unusable}"`,
      expected: "at least one of each, and {} for the name in every template",
    });
  }
  const prompts = names.flatMap((name) => templates.map((template) => template.replaceAll("{}", () => name)));
  return meanDirections(
    await clip.encodeText(prompts),
    names.map(() => templates.length),
  );
}

export interface Classification {
  /** Cosine similarities [B,C]. */
  readonly cosines: FloatTensor;
  /** Of the cosines times the model's logit scale, [B,C]: softmax, or, with a logit bias (SigLIP), the logistic function of each. */
  readonly probabilities: FloatTensor;
}

/** Compares image features [B,D] with directions of unit norm: [C,D], or [B,C,D] of each picture's own. */
export function classify(clip: Clip, features: FloatTensor, directions: FloatTensor): Classification {
  const cosines = dotRows(normaliseRows(features), directions);
  const { logitScale, logitBias } = clip.parts;
  const probabilities =
    logitBias === undefined
      ? softmaxRows(cosines, logitScale)
      : floatTensor(
          cosines.data.map((cosine) => 1 / (1 + Math.exp(-logitScale * cosine - logitBias))),
          cosines.shape,
        );
  return { cosines, probabilities };
}

function softmaxRows({ data, shape }: FloatTensor, scale: number): FloatTensor {
  const width = shape[1]!;
  const out = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += width) {
    const row = data.subarray(start, start + width);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = Array.from(row, (cosine) => Math.exp(scale * (cosine - largest)));
    const total = powers.reduce((a, b) => a + b, 0);
    powers.forEach((power, i) => (out[start + i] = power / total));
  }
  return floatTensor(out, shape);
}
