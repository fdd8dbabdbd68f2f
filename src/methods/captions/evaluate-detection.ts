/** The claim that a model's image tokens tell what is there from what is hallucinated. */
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import { areaUnderCurve } from "../../engine/tensor/ranking.js";
import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { isHabitual } from "../../worlds/scenes/index.js";
import { type Claim, type ClaimRow, showEstimate } from "../claim.js";
import { beliefs } from "./confidence.js";
import type { DescribedScene } from "./described-scenes.js";

/** What is known of each object that a caption names. */
interface Known {
  readonly isReal: boolean;
  /** Of one that is not there: whether it goes with something that is. */
  readonly isHabit: boolean;
  readonly belief: number;
  readonly probability: number;
  /** The smallest probability of what was said since the object before: article, adjectives and the word. */
  readonly phrase: number;
  /** The belief in the same word of another picture's tokens. */
  readonly elsewhere: number;
  /** Of an untrained model's tokens of this picture. */
  readonly untrained: number;
}

type Score = "belief" | "probability" | "phrase" | "elsewhere" | "untrained";

const SCORES: readonly { readonly score: Score; readonly name: string; readonly kind: ClaimRow["kind"] }[] = [
  { score: "belief", name: "internal confidence", kind: "method" },
  { score: "probability", name: "the decoder's probability of the word", kind: "baseline" },
  { score: "phrase", name: "the decoder's least probability since the object before", kind: "baseline" },
  { score: "elsewhere", name: "internal confidence at another picture's tokens", kind: "control" },
  { score: "untrained", name: "internal confidence, untrained model", kind: "control" },
];

/** Which of the hallucinated objects are told from those that are there. */
const KINDS: readonly ((one: Known) => boolean)[] = [
  () => true,
  ({ isReal, isHabit }) => isReal || isHabit,
  ({ isReal, isHabit }) => isReal || !isHabit,
];

/** `untrained` has the sizes of the model and random weights. */
export async function detectionClaim(
  model: VisionLanguageModel,
  untrained: VisionLanguageModel,
  described: readonly DescribedScene[],
  promptsUntrained: readonly DescribedScene["prompt"][],
  seed: number,
): Promise<Claim> {
  const known: Known[][] = [];
  for (const [i, one] of described.entries()) {
    const words = one.objects.map(({ word }) => word);
    const other = await beliefs(model, described[(i + 1) % described.length]!.prompt, words);
    const random = await beliefs(untrained, promptsUntrained[i]!, words);
    known.push(
      one.objects.map(({ isReal, object, belief, probability }, o) => ({
        isReal,
        isHabit: !isReal && isHabitual(object, one.truth),
        belief: belief.confidence,
        probability,
        phrase: phraseProbability(one, o),
        elsewhere: other[o]!.confidence,
        untrained: random[o]!.confidence,
      })),
    );
  }
  const { areas, ahead } = curves(known, seed);
  const all = known.flat();
  const wrong = all.filter(({ isReal }) => !isReal);
  const habits = wrong.filter(({ isHabit }) => isHabit).length;
  const [own, decoder] = [areas[0]![0]!, areas[1]![0]!];
  return {
    claim:
      "Internal confidence, read at image tokens, tells objects that are there from hallucinated ones, better than the decoder's own probability.",
    setting: `${all.length} objects named in captions of ${described.length} scenes, ${wrong.length} of them hallucinated: ${habits} out of habit (what goes with something that is there), the others mistaken for something else. Area under the ROC curve; intervals by resampling scenes.`,
    criterion:
      "The area of internal confidence exceeds that of the decoder's probability, the interval of the difference above 0.",
    holds: ahead.low > 0,
    found: `${showEstimate(own, "plain")} against ${showEstimate(decoder, "plain")}: ahead by ${showEstimate(ahead, "plain")}.`,
    tables: [
      {
        title: "Real against hallucinated objects: area under the curve",
        columns: ["all", "out of habit", "mistaken"].map((name) => ({ name, unit: "plain" })),
        rows: SCORES.map(({ name, kind }, i) => ({ name, kind, figures: areas[i]! })),
      },
    ],
  };
}

/** What was said for the first time since the object before, or for the whole beginning. */
function phraseProbability({ objects, said }: DescribedScene, index: number): number {
  const { end } = objects[index]!;
  const start = objects[index - 1]?.end ?? 0;
  const own = said.tokens.filter((token) => token.end > start && token.start < end);
  return Math.min(...own.map(({ probability }) => probability));
}

/** Areas by score and kind, undefined where there is none of a kind; and by how much the first score leads the second, of all kinds. */
function curves(
  known: readonly (readonly Known[])[],
  seed: number,
): { readonly areas: (Estimate | undefined)[][]; readonly ahead: Estimate } {
  const estimates = bootstrapEstimates(
    known.length,
    (members) => {
      const drawn = Array.from(members).flatMap((i) => known[i]!);
      const areas = SCORES.flatMap(({ score }) =>
        KINDS.map((isOf) => {
          const of = drawn.filter(isOf);
          return areaUnderCurve(
            of.map((one) => one[score]),
            of.map(({ isReal }) => isReal),
          );
        }),
      );
      return [...areas, areas[0]! - areas[KINDS.length]!];
    },
    { seed },
  );
  const areas = SCORES.map((_, i) =>
    estimates
      .slice(i * KINDS.length, (i + 1) * KINDS.length)
      .map((estimate) => (Number.isNaN(estimate.value) ? undefined : estimate)),
  );
  return { areas, ahead: estimates.at(-1)! };
}
