/** Do a head's texts hold what it says? Heads of the last layers reduced to their first texts, beside random vectors for texts. */
import { bootstrapEstimates } from "../../engine/tensor/bootstrap.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import { allDescriptions, sampleScene } from "../../worlds/scenes/index.js";
import { type Claim, type ClaimRow, showEstimate } from "../claim.js";
import { headsOfLayers } from "./ablation-runs.js";
import { spanReconstructions } from "./completeness.js";
import type { Ablation } from "./components.js";
import { ablatedAccuracy, attributeQuestions } from "./evaluate-ablation.js";
import { headSpans } from "./head-spans.js";
import { headsOnScenes } from "./scene-heads.js";

/** Texts per head in the sweep. */
const COUNTS = [1, 2, 5, 10, 20, 30] as const;
/** At so many the claim is decided. */
const DECIDED = 10;

export interface EvaluateCompletenessOptions {
  readonly seed: number;
  /** Scenes that texts are found on, and others that answers are about; default 1000 and 800. */
  readonly counts?: readonly [spanned: number, tested: number];
}

/** Heads of the last half of the layers keep what their texts say; those before are held at their mean, MLPs stay. */
export async function completenessClaim(
  clip: Clip,
  { seed, counts: [spanned, tested] = [1000, 800] }: EvaluateCompletenessOptions,
): Promise<Claim> {
  const { layers, features } = clip.parts.vision;
  const late = Math.ceil(layers / 2);
  const onScenes = await headsOnScenes(clip, { seed, count: spanned, layers: late });
  const random = seeded(seed, "completeness");
  const texts = normaliseRows(await clip.encodeText(allDescriptions()));
  const noise = normaliseRows(floatTensor(random.centred(texts.data.length, 1), texts.shape));
  const most = COUNTS.at(-1)!;
  const spansOf = (pool: FloatTensor) =>
    headSpans(clip, onScenes.statistics, onScenes.maps, pool, { count: Math.min(most, features) });
  const questions = await attributeQuestions(clip);
  const pools = [
    ["texts", await spansOf(texts)],
    ["random vectors", await spansOf(noise)],
  ] as const;
  const before = headsOfLayers(
    clip,
    Array.from({ length: layers - late }, (_, layer) => layer),
  );
  const after = headsOfLayers(
    clip,
    Array.from({ length: late }, (_, i) => layers - late + i),
  );
  const reconstructions = pools.flatMap(([pool, spans]) =>
    COUNTS.map((count) => spanReconstructions(clip, `${pool} ${count}`, spans, questions.classes, count)),
  );
  const runs: Ablation[] = [
    { name: "the model as it is" },
    { name: "late heads whole", heads: before },
    { name: "late heads at their mean", heads: [...before, ...after] },
    ...reconstructions.map(({ name }): Ablation => ({
      name,
      heads: before,
      reconstructed: { heads: after, by: name },
    })),
  ];
  const scenes = Array.from({ length: tested }, () => sampleScene(random, { objects: [1, 1] }));
  const accuracy = await ablatedAccuracy(clip, scenes, runs, { reconstructions, questions });
  const [added, ...estimates] = bootstrapEstimates(
    tested,
    (members) => {
      const means = accuracy.map((list) => {
        let sum = 0;
        for (const i of members) sum += list[i]!;
        return sum / members.length;
      });
      const [whole, none] = [means[1]!, means[2]!];
      return [whole - none, ...means.flatMap((mean) => [mean, (mean - none) / (whole - none)])];
    },
    { seed },
  );
  /** Shares of what is added mean nothing where nothing is. */
  const figures = (run: number) => [estimates[2 * run], added!.low > 0 ? estimates[2 * run + 1] : undefined];
  const name = (pool: string, count: number): string => `the first ${count} of ${pool}`;
  const rows: ClaimRow[] = [
    { name: runs[0]!.name, kind: "baseline", figures: [estimates[0], undefined] },
    { name: runs[1]!.name, kind: "baseline", figures: figures(1) },
    { name: runs[2]!.name, kind: "baseline", figures: figures(2) },
    ...pools.flatMap(([pool], p) =>
      COUNTS.map((count, i): ClaimRow => ({
        name: name(pool, count),
        kind: pool === "texts" ? "method" : "control",
        figures: figures(3 + p * COUNTS.length + i),
      })),
    ),
  ];
  const at = (pool: string) => rows.find((row) => row.name === name(pool, DECIDED))!.figures[1];
  const [own, control] = [at("texts"), at("random vectors")];
  return {
    claim: "A few texts hold what a head says: heads reduced to them answer nearly as before.",
    setting: `Heads of the last ${late} of ${layers} layers keep their mean over the evaluated scenes and what lies along TextSpan's first texts; earlier heads are held at their mean, MLPs stay. Texts found on ${spanned} scenes (seed ${seed}), answers about all attributes of ${tested} others. Random vectors: a pool of as many. Intervals by resampling scenes.`,
    criterion: `With ${DECIDED} texts a head, more than half of what late heads add to the accuracy is kept, and more than with ${DECIDED} random vectors, intervals apart; and late heads do add something.`,
    holds: own !== undefined && control !== undefined && own.low > 0.5 && own.low > control.high,
    found: `With ${DECIDED} texts ${showEstimate(own, "percent")} of what late heads add is kept; with ${DECIDED} random vectors ${showEstimate(control, "percent")}.`,
    tables: [
      {
        title: "Late heads reduced to a few directions each",
        columns: [
          { name: "accuracy", unit: "percent" },
          { name: "kept of what late heads add", unit: "percent" },
        ],
        rows,
      },
    ],
  };
}
