/** Late heads reduced to a few texts each, in a sweep over their number, beside random texts and random vectors of equal number. */
import { UsageError } from "../../engine/errors.js";
import { normaliseRows, pickRows } from "../../engine/tensor/rows.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { readLayers } from "../../models/clip/readout.js";
import { counted, type PlannedAblation } from "./ablation-figures.js";
import type { Draws } from "./ablation-plans.js";
import type { Reconstruction } from "./ablation.js";
import { headsOfLayers } from "./ablation-runs.js";
import { spanReconstructions } from "./completeness.js";
import type { Ablation } from "./components.js";
import { type HeadSpan, headSpans } from "./head-spans.js";
import type { SceneHeads } from "./scene-heads.js";

export interface CompletenessOptions extends Draws {
  /** Numbers of texts per head. */
  readonly counts: readonly number[];
}

export interface CompletenessPlans {
  readonly plans: readonly PlannedAblation[];
  readonly reconstructions: readonly Reconstruction[];
}

/** Of all reconstructions together. */
const MOST_BYTES = 2e9;

/**
 * Heads before those of `late` are held at their mean, MLPs stay. `pool` [M,D] and `classes` [C,D] have unit rows. Throws what `headSpans`
 * throws, and {@link UsageError} when there are too many classes to keep in memory what heads keep.
 */
export async function completenessPlans(
  clip: Clip,
  { layout, statistics, maps }: SceneHeads,
  pool: FloatTensor,
  classes: FloatTensor,
  { counts, draws, random }: CompletenessOptions,
): Promise<CompletenessPlans> {
  checkSize(clip, classes, counts.length * (1 + 2 * draws));
  const layers = Array.from({ length: readLayers(clip.parts.vision) }, (_, layer) => layer);
  const before = headsOfLayers(
    clip,
    layers.filter((layer) => !layout.layers.includes(layer)),
  );
  const late = headsOfLayers(clip, layout.layers);
  const reconstructions: Reconstruction[] = [];
  const reduced = (name: string, spans: readonly HeadSpan[], count: number): Ablation => {
    const by = `${name} ${reconstructions.length}`;
    reconstructions.push(spanReconstructions(clip, by, spans, classes, count));
    return { name, heads: before, reconstructed: { heads: late, by } };
  };
  const spansOf = (texts: FloatTensor, count: number): Promise<HeadSpan[]> =>
    headSpans(clip, statistics, maps, texts, { count });
  const plans: PlannedAblation[] = [
    { name: "late heads whole", kind: "baseline", runs: [{ name: "whole", heads: before }] },
    { name: "late heads at their mean", kind: "baseline", runs: [{ name: "mean", heads: [...before, ...late] }] },
  ];
  const picked = await spansOf(pool, Math.max(...counts));
  const rows = Array.from({ length: pool.shape[0]! }, (_, i) => i);
  for (const count of counts) {
    const name = `${counted(count, "text")} a head`;
    const at = (line: string) => ({ figure: "texts", line, step: count }) as const;
    plans.push({ name, kind: "method", runs: [reduced(name, picked, count)], at: at("texts of TextSpan") });
    const [texts, vectors]: [Ablation[], Ablation[]] = [[], []];
    for (let draw = 0; draw < draws; draw++) {
      const some = pickRows(pool, random.shuffled(rows).slice(0, count));
      texts.push(reduced("random texts", await spansOf(some, count), count));
      const noise = floatTensor(random.centred(some.data.length, 1), some.shape);
      vectors.push(reduced("random vectors", await spansOf(normaliseRows(noise), count), count));
    }
    if (draws === 0) continue;
    plans.push({
      name: `${counted(count, "random text")} (${counted(draws, "draw")})`,
      kind: "control",
      runs: texts,
      at: at("random texts"),
    });
    plans.push({
      name: `${counted(count, "random vector")} (${counted(draws, "draw")})`,
      kind: "control",
      runs: vectors,
      at: at("random vectors"),
    });
  }
  return { plans, reconstructions };
}

function checkSize({ parts }: Clip, classes: FloatTensor, maps: number): void {
  const { heads } = parts.vision;
  const bytes = maps * readLayers(parts.vision) * heads * sizeOf(classes.shape) * 4;
  if (bytes <= MOST_BYTES) return;
  throw new UsageError({
    what: "too many classes for so many reductions of heads",
    got: `${(bytes / 1e9).toFixed(1)} GB`,
    expected: `at most ${MOST_BYTES / 1e9} GB`,
    fix: "ask for fewer numbers of texts, fewer draws, or fewer classes",
  });
}
