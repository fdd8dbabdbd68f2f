/**
 * Texts as atoms that directions of the shared space are written in.
 *
 * Source: Gandelsman, Efros, Steinhardt, _Interpreting the Second-Order Effects of Neurons in CLIP_, ICLR 2025, section 5; scaled as
 * its public implementation does. Columns are divided, not rows: atoms are of unequal lengths.
 */
import { UsageError } from "../../engine/errors.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import { showShape } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";

const SCALE = 100;
/** Of the rows' length: texts that differ by less in a column differ by rounding. */
const CONSTANT = 1e-6;

/**
 * Atoms [M,D] of texts' features [M,D] (of any length): unit rows less their mean, each column then divided by its norm over the texts,
 * times 100. Columns in which texts do not differ are 0. Throws {@link UsageError} unless there are texts that differ.
 */
export function textDictionary(features: FloatTensor): FloatTensor {
  const [texts = 0, width = 0] = features.shape;
  if (features.shape.length !== 2 || texts < 2) {
    throw new UsageError({
      what: "a dictionary is made of what tells texts apart",
      got: features.shape.length === 2 ? `${texts} text${texts === 1 ? "" : "s"}` : showShape(features.shape),
      expected: "features [M,D] of 2 texts or more",
      fix: "add texts to the pool",
    });
  }
  const { data } = normaliseRows(features);
  const means = new Float64Array(width);
  data.forEach((value, i) => (means[i % width]! += value / texts));
  const squares = new Float64Array(width);
  data.forEach((value, i) => (squares[i % width]! += (value - means[i % width]!) ** 2));
  const factors = squares.map((sum) => (Math.sqrt(sum / texts) > CONSTANT ? SCALE / Math.sqrt(sum) : 0));
  if (factors.every((factor) => factor === 0)) {
    throw new UsageError({
      what: "a dictionary is made of what tells texts apart",
      got: `${texts} texts that the model takes for one`,
      fix: "add other texts to the pool",
    });
  }
  return floatTensor(
    data.map((value, i) => (value - means[i % width]!) * factors[i % width]!),
    features.shape,
  );
}
