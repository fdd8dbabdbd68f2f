import { expect, test } from "vitest";
import { constant, input } from "../../../src/engine/graph/ops/leaves.js";
import { matmul } from "../../../src/engine/graph/ops/matmul.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { Parameters } from "../../../src/engine/train/parameters.js";
import { projected } from "../../../src/models/vlm/projector.js";
import { SHARE_LENGTHS } from "../../../src/recipes/vlm-scenes/settings.js";
import {
  asProjector,
  strangeness,
  wordProjectorDeclarations,
  wordShares,
} from "../../../src/recipes/vlm-scenes/word-projector.js";
import { largestDifference } from "../../support/clips.js";

const [TOWER, WIDTH, WORDS, TOKENS] = [5, 6, 4, 3];
const random = new Random(1);
const drawn = (...shape: number[]) =>
  floatTensor(
    random.centred(
      shape.reduce((a, b) => a * b),
      1,
    ),
    shape,
  );

test("as LLaVA's projector it gives the same sums of words", async () => {
  const parameters = new Parameters(wordProjectorDeclarations({ towerWidth: TOWER, width: WIDTH, words: WORDS }), {
    seed: 3,
  });
  // Biases and small weights alike count.
  for (const name of parameters.names) parameters.tensor(name).data.set(drawn(...parameters.tensor(name).shape).data);
  const embeddings = drawn(WORDS, WIDTH);
  const projector = asProjector((name) => parameters.tensor(name), embeddings);
  const seen = input("seen", [1, TOKENS, TOWER]);
  const linear = (at: "0" | "2") => ({
    weight: constant(projector[`model.mm_projector.${at}.weight`]),
    bias: constant(projector[`model.mm_projector.${at}.bias`]),
  });
  const program = await compile({
    inWords: matmul(
      wordShares(seen, (name) => parameters.value(name)),
      constant(embeddings),
    ),
    asLlava: projected(seen, { fc1: linear("0"), fc2: linear("2") }),
  });
  const { inWords, asLlava } = await program.run({ ...parameters.inputs(), seen: drawn(1, TOKENS, TOWER) });
  expect(Math.max(...inWords.data.map(Math.abs))).toBeGreaterThan(0.5);
  expect(largestDifference(asLlava.data, [...inWords.data])).toBeLessThan(1e-5);
  await program.dispose();
});

test("tokens are strange by how far their lengths are from what was learnt", async () => {
  const [least, most] = SHARE_LENGTHS;
  const program = await compile({ found: strangeness(input("shares", [1, 3, 2])) });
  const shares = floatTensor(
    Float32Array.of(0, least, (most + 1) * 0.6, -(most + 1) * 0.8, 0.25 * least, 0),
    [1, 3, 2],
  );
  const { found } = await program.run({ shares });
  expect(found.data[0]).toBeCloseTo((0 + 1 + (0.75 * least) ** 2) / 3, 4);
  await program.dispose();
});
