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
  /** Softmax of the cosines times the model's logit scale, [B,C]. */
  readonly probabilities: FloatTensor;
}

/** Compares image features [B,D] with directions [C,D] of unit norm. */
export function classify(clip: Clip, features: FloatTensor, directions: FloatTensor): Classification {
  const cosines = dotRows(normaliseRows(features), directions);
  return { cosines, probabilities: softmaxRows(cosines, clip.parts.logitScale) };
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
