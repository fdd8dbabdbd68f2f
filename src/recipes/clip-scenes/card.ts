/** The card of a trained model: how it was made and what it can do, as data and as a page to read. */
import { type Proportion } from "../../engine/tensor/proportion.js";
import type { Recipe } from "../../engine/train/recipe.js";
import { ATTRIBUTES } from "../../worlds/scenes/index.js";
import { AMONG, type Figures, spuriousGap } from "./measure.js";
import { SPURIOUS_RATE } from "./settings.js";

export interface Card {
  readonly name: "clip-scenes";
  readonly version: string;
  readonly recipe: Recipe;
  readonly steps: number;
  /** Spent on training, validation included. */
  readonly seconds: number;
  readonly parameters: number;
  readonly figures: Figures;
  /** The same of the model before its first step. */
  readonly untrained: Figures;
}

export function cardPage(card: Card): string {
  const { recipe, steps, seconds, figures, untrained, parameters } = card;
  const gap = spuriousGap(figures.groups, "amongAll");
  const two = spuriousGap(figures.groups, "betweenTwo");
  return `# clip-scenes

A small CLIP of the world of scenes (\`vitrine world scenes\`): ${(parameters / 1e6).toFixed(2)} M parameters, pictures of 64 × 64,
patches of 8 × 8. Trained by Vitrine from a seed; the world knows the truth, so what the model knows is measured, not guessed.
It knows nothing of photographs.

Made by \`vitrine train clip-scenes\`: seed ${JSON.stringify(recipe["seed"])}, ${steps} steps of ${JSON.stringify(recipe["batch"])} pictures, ${(seconds / 60).toFixed(0)} minutes
on 2 cores. Each picture was matched with its caption, as any CLIP's are; besides, each picture and each of its patches with texts of
what it shows, one attribute at a time, since the world knows which object a patch shows. So its patches, too, have features that texts
can be compared with. Muon updated the blocks' matrices, AdamW all else. \`train.jsonl\` is the log, \`loss.svg\` the curve, \`card.json\` all that stands here as data.

All figures are of scenes that neither training nor validation saw, with intervals of 95% (Wilson).

## Retrieval

R@1 among ${AMONG} pictures of 1 to 4 objects and their full captions.

| | this model | untrained | chance |
|---|---|---|---|
| picture finds caption | ${percent(figures.retrieval.text)} | ${percent(untrained.retrieval.text)} | ${points(1 / AMONG)} |
| caption finds picture | ${percent(figures.retrieval.image)} | ${percent(untrained.retrieval.image)} | ${points(1 / AMONG)} |

## Zero-shot accuracy

Pictures of one object. "As in training": half clean, half in five other styles, fish in the sea and birds in the sky ${points(SPURIOUS_RATE)} of
the time. "Held out": a colour or texture that this shape never had in training. "Independent": any object before any background. "Untrained" and
"one answer" (always the most frequent value) are of pictures as in training. All clean pictures have one style.

| | as in training | clean only | held out | independent | untrained | one answer |
|---|---|---|---|---|---|---|
${ATTRIBUTES.map(
  (attribute) =>
    `| ${attribute} | ${percent(figures.test[attribute])} | ${percent(figures.clean[attribute])} | ${percent(figures.heldOut[attribute])} | ${percent(figures.independent[attribute])} | ${percent(untrained.test[attribute])} | ${points(figures.constant[attribute])} |`,
).join("\n")}

${aims(figures.test)}

## What the correlation in training costs

In training, fish were in the sea and birds in the sky ${points(SPURIOUS_RATE)} of the time. Shape told right, by group:

| | among all shapes | fish or bird |
|---|---|---|
${figures.groups
  .map(
    ({ shape, background, amongAll, betweenTwo }) =>
      `| ${shape}, ${background} | ${percent(amongAll)} | ${percent(betweenTwo)} |`,
  )
  .join("\n")}
| average, own background ${points(SPURIOUS_RATE)} of the time | ${points(gap.average)} | ${points(two.average)} |
| worst group | ${points(gap.worst)} | ${points(two.worst)} |
| **gap** | **${points(gap.average - gap.worst)}** | **${points(two.average - two.worst)}** |
`;
}

/** What the recipe is meant to reach on pictures as in training. */
const AIMS = { colour: 0.95, shape: 0.95, background: 0.95, texture: 0.85 } as const;

function aims(test: Figures["test"]): string {
  const names = Object.keys(AIMS) as (keyof typeof AIMS)[];
  const list = names.map((name) => `${name} ${points(AIMS[name])}`).join(", ");
  const missed = names.filter((name) => test[name].share < AIMS[name]);
  const verdict = missed.length === 0 ? "All are reached." : `Not reached: ${missed.join(", ")}.`;
  return `Aims, on pictures as in training: ${list}. ${verdict}`;
}

const points = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** `95.2% (94.1–96.0)` */
function percent({ share, low, high }: Proportion): string {
  return `${points(share)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;
}
