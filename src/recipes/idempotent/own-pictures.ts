/** A generator of a user's own pictures, by the recipe of one of the zoo's. */
import { UsageError } from "../../engine/errors.js";
import { openPictures } from "../../engine/media/open-pictures.js";
import type { PictureRows } from "../../engine/media/picture-rows.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { holdOut, type PictureParts } from "../../engine/train/picture-batches.js";
import { seeded } from "../../engine/train/seeds.js";
import { HELD_OUT_SEEDS, JUDGE_SEEDS, type JudgedWorld, type LabelledRows } from "../../methods/idempotent/judge.js";
import type { GeneratorRecipe } from "./build.js";

/** Pictures that are set aside: a fifth, and at most so many. */
const HELD_OUT_SHARE = 0.2;
const MOST_HELD_OUT = 2000;
const FEWEST = 100;
/** Without classes, the classifier learns by how many quarters a picture was turned (Gidaris et al. 2018): features come of it as well. */
const TURNS = 4;

/**
 * The same recipe on pictures of `path`: a folder, or IDX files. Throws `UsageError` for fewer than 100 pictures, and what opening them throws;
 * pictures that cannot be read are left out, with a notice.
 */
export async function ofOwnPictures(
  recipe: GeneratorRecipe,
  path: string,
  onNotice: ((text: string) => void) | undefined,
): Promise<GeneratorRecipe> {
  const { size, channels } = recipe.settings.architecture;
  const pictures = await openPictures(path, {
    size,
    channels,
    onSkip: (_file, error) => onNotice?.(`left out: ${error.message}`),
  });
  const { count, description, classes, identity } = pictures;
  if (count < FEWEST) {
    throw new UsageError({
      what: "too few pictures to train on",
      where: path,
      got: String(count),
      expected: `${FEWEST} at least`,
    });
  }
  const held = Math.min(MOST_HELD_OUT, Math.floor(HELD_OUT_SHARE * count));
  const world = worldOf(holdOut(pictures, held, recipe.settings.seed), pictures);
  return {
    world,
    settings: { ...recipe.settings, data: identity },
    // As many for figures as can be set against as many others.
    measured: Math.floor(held / 2),
    words: {
      title: `Pictures as in ${description}`,
      caveat: `It has seen ${description} and nothing else.`,
      questions: classes === undefined ? [] : ["classes"],
    },
  };
}

/** Held-out pictures under the seeds that figures are measured with, the others under all other seeds, each time in another order. */
function worldOf({ training, heldOut }: PictureParts, { channels, size, classes }: PictureRows): JudgedWorld {
  const orders = new Map<number, readonly number[]>();
  const orderOf = (seed: number, count: number): readonly number[] => {
    let order = orders.get(seed);
    if (order === undefined) {
      order = seeded(seed, "pictures").shuffled(Array.from({ length: count }, (_, i) => i));
      orders.set(seed, order);
    }
    return order;
  };
  return {
    shape: [channels, size, size],
    questions: [classes?.length ?? TURNS],
    rows(seed, first, count): LabelledRows {
      const part = seed >= HELD_OUT_SEEDS && seed < JUDGE_SEEDS ? heldOut : training;
      const order = orderOf(seed, part.count);
      const { pixels, labels } = part.rows(Array.from({ length: count }, (_, i) => order[(first + i) % order.length]!));
      if (labels !== undefined) return { pixels, labels: [labels] };
      const turns = Int32Array.from({ length: count }, (_, i) => (seed >= JUDGE_SEEDS ? (first + i) % TURNS : 0));
      return { pixels: turned(pixels, turns), labels: [turns] };
    },
  };
}

/** Each picture turned by so many quarters, to the left. */
function turned({ data, shape }: FloatTensor, turns: Int32Array): FloatTensor {
  const side = shape[3]!;
  const each = sizeOf(shape.slice(1));
  const out = new Float32Array(data.length);
  for (let at = 0; at < data.length; at++) {
    let [y, x] = [Math.floor(at / side) % side, at % side];
    const plane = at - (at % (side * side));
    for (let turn = 0; turn < turns[Math.floor(at / each)]!; turn++) [y, x] = [x, side - 1 - y];
    out[at] = data[plane + y * side + x]!;
  }
  return floatTensor(out, shape);
}
