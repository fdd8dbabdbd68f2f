/**
 * Lengths of effects without the effects: with the Gram matrix G = D Dᵀ of a neuron's directions D [K,d_out] and G = L Lᵀ, coefficients c
 * give an effect as long as Lᵀc, K numbers instead of d_out.
 */
import { input } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { compile } from "../../engine/runtime/compile.js";
import type { Device } from "../../engine/runtime/session.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";

/** Of an entry of the diagonal: what rounding in float32 leaves of a direction that others span. */
const NOTHING_LEFT = 1e-6;

/** Lower triangular factors [F,K,K] for directions [F,K,d_out]. */
export async function gramFactors(directions: FloatTensor, device: Device): Promise<FloatTensor> {
  const [neurons, size] = directions.shape as [number, number, number];
  const given = input("directions", directions.shape);
  await using program = await compile({ gram: matmul(given, given, { transposeB: true }) }, { device });
  const { gram } = await program.run({ directions });
  const factors = new Float32Array(gram.data.length);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const start = neuron * size * size;
    factors.set(choleskyFactor((gram as FloatTensor).data.subarray(start, start + size * size), size), start);
  }
  return floatTensor(factors, gram.shape);
}

/** Of a matrix that may lack rank: a direction that those before it span gets a column of zeros. */
function choleskyFactor(matrix: Float32Array, n: number): Float64Array {
  const factor = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let value = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) value -= factor[i * n + k]! * factor[j * n + k]!;
      if (i === j) {
        if (value <= NOTHING_LEFT * matrix[j * n + j]!) break;
        factor[j * n + j] = Math.sqrt(value);
      } else factor[i * n + j] = value / factor[j * n + j]!;
    }
  }
  return factor;
}
