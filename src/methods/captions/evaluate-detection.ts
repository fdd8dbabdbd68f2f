/** The claim that a model's image tokens tell what is there from what is hallucinated. */
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import { areaUnderCurve } from "../../engine/tensor/ranking.js";
import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { type Claim, type ClaimRow, showEstimate } from "../claim.js";
import { beliefs } from "./confidence.js";
import type { DescribedScene } from "./described-scenes.js";

/** What is known of each object that a caption names. */
interface Known {
  readonly isReal: boolean;
  readonly belief: number;
  readonly probability: number;
  /** The belief in the same word of another picture's tokens. */
  readonly elsewhere: number;
  /** Of an untrained model's tokens of this picture. */
  readonly untrained: number;
}

const SCORES = ["belief", "probability", "elsewhere", "untrained"] as const;

/** `untrained` has the sizes of the model and random weights. */
export async function detectionClaim(
  model: VisionLanguageModel,
  untrained: VisionLanguageModel,
  described: readonly DescribedScene[],
  promptsUntrained: readonly DescribedScene["prompt"][],
  seed: number,
): Promise<Claim> {
  const known: Known[][] = [];
  for (const [i, { objects }] of described.entries()) {
    const words = objects.map(({ word }) => word);
    const other = await beliefs(model, described[(i + 1) % described.length]!.prompt, words);
    const random = await beliefs(untrained, promptsUntrained[i]!, words);
    known.push(
      objects.map(({ isReal, belief, probability }, o) => ({
        isReal,
        belief: belief.confidence,
        probability,
        elsewhere: other[o]!.confidence,
        untrained: random[o]!.confidence,
      })),
    );
  }
  const figures = curves(known, seed);
  const [own, decoder, elsewhere, chance, ahead] = figures as [Estimate, Estimate, Estimate, Estimate, Estimate];
  const all = known.flat();
  const wrong = all.filter(({ isReal }) => !isReal).length;
  const row = (name: string, kind: ClaimRow["kind"], figure: Estimate): ClaimRow => ({ name, kind, figures: [figure] });
  return {
    claim:
      "Internal confidence, read at image tokens, tells objects that are there from hallucinated ones, better than the decoder's own probability.",
    setting: `${all.length} objects named in captions of ${described.length} scenes, ${wrong} of them hallucinated. Area under the ROC curve; intervals by resampling scenes.`,
    criterion:
      "The area of internal confidence exceeds that of the decoder's probability, the interval of the difference above 0.",
    holds: ahead.low > 0,
    found: `${showEstimate(own, "plain")} against ${showEstimate(decoder, "plain")}: ahead by ${showEstimate(ahead, "plain")}.`,
    tables: [
      {
        title: "Real against hallucinated objects",
        columns: [{ name: "area under the curve", unit: "plain" }],
        rows: [
          row("internal confidence", "method", own),
          row("the decoder's probability of the word", "baseline", decoder),
          row("internal confidence at another picture's tokens", "control", elsewhere),
          row("internal confidence, untrained model", "control", chance),
        ],
      },
    ],
  };
}

/** Areas by score, then by how much the first leads the second. */
function curves(known: readonly (readonly Known[])[], seed: number): Estimate[] {
  return bootstrapEstimates(
    known.length,
    (members) => {
      const drawn = Array.from(members).flatMap((i) => known[i]!);
      const labels = drawn.map(({ isReal }) => isReal);
      const areas = SCORES.map((score) =>
        areaUnderCurve(
          drawn.map((one) => one[score]),
          labels,
        ),
      );
      return [...areas, areas[0]! - areas[1]!];
    },
    { seed },
  );
}
