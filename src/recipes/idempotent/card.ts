/** The card of a trained generator: how it was made and what it can do, as data and as a page to read. */
import type { Recipe } from "../../engine/train/recipe.js";
import type { GeneratorFigures, Mean, SampleFigures } from "../../methods/idempotent/measure.js";

/** Of one way to normalise. */
export interface ModeFigures {
  readonly name: string;
  readonly ratios: readonly number[];
  readonly samples: SampleFigures;
  readonly reconstruction: number;
}

export interface Card {
  readonly name: string;
  readonly version: string;
  readonly recipe: Recipe;
  readonly steps: number;
  /** Spent on training, and on training the autoencoder that it is compared with. */
  readonly seconds: number;
  readonly controlSeconds: number;
  readonly parameters: number;
  /** What the judge is asked, in words. */
  readonly questions: readonly string[];
  /** The judge's share of right answers to each question, on held-out pictures. */
  readonly judgeAccuracy: readonly number[];
  readonly figures: GeneratorFigures;
  /** The same training before it settled, in each mode. */
  readonly modes: readonly ModeFigures[];
  /** What other held-out pictures get in place of samples. */
  readonly real: SampleFigures;
  /** The plain autoencoder. */
  readonly control: GeneratorFigures;
}

export interface CardWords {
  readonly title: string;
  readonly caveat: string;
  /** What was tried for aims that are not reached. */
  readonly tried?: string;
}

/** The two parts of the training, by the weights of their terms. */
function howTrained(recipe: Recipe): string {
  const { reconstruction, idempotence, tightness, energy, restoration } = recipe["objective"] as Partial<
    Readonly<Record<string, number>>
  >;
  const settled = recipe["settlingWeights"] as Readonly<Record<string, number>>;
  const settling = Number(recipe["settling"]);
  const weighed = (name: string, weight = 0): string[] => (weight === 0 ? [] : [`${name} (${weight})`]);
  const listed = (terms: readonly string[]): string => [terms.slice(0, -1).join(", "), terms.at(-1)!].join(" and ");
  const first = [
    ...weighed("reconstruction", reconstruction),
    ...weighed("idempotence", idempotence),
    ...weighed("tightness", tightness),
    ...weighed("bringing noisy pictures back", restoration),
    ...weighed("the energy distance between samples and data", energy),
  ];
  const then = [
    "to give for each noise what it gave before, refined once (1)",
    ...weighed("to keep pictures", settled["reconstruction"]),
    ...weighed("to be idempotent", settled["idempotence"]),
    ...weighed("to bring pictures with white noise on them back", settled["restoration"]),
    ...weighed("to keep samples spread like the data, by the energy distance", settled["energy"]),
  ];
  const restores = settled["restoration"] !== 0 || (restoration ?? 0) !== 0;
  return `The first ${percent(1 - settling)} of the steps ran with batch norms in training mode, as published. The objective: ${listed(first)}, weights in brackets${
    !energy ? "" : "; the energy distance is not in the published objective"
  }. Then f settled to a function of one picture: batch norms' statistics were pooled over data, noise and samples and fixed, and f learnt
${listed(then)}.${
    restores
      ? `

That noise has a deviation of up to ${Number(recipe["deviation"])}. Noise is therefore the one kind of damage below that this model was trained on, and the autoencoder that it is
compared with was not.`
      : ""
  }`;
}

function judged({ questions, judgeAccuracy }: Card): string {
  if (questions.length === 0) return " (it tells which way up they are)";
  const shares = questions.map((question, q) => `${question} ${percent(judgeAccuracy[q]!)}`);
  return ` (right on held-out ones: ${shares.join(", ")})`;
}

function kernelsUpdated({ matrixRate }: Recipe): string {
  if (matrixRate === undefined) return "";
  return `Kernels were updated by Muon (the nearest orthogonal matrix), ${JSON.stringify(matrixRate)} times the rate, all else by Adam. `;
}

/** What the recipe is meant to reach. */
const AIMS = { ratio: 0.05, coverage: 0.9 };

export function cardPage(card: Card, { title, caveat, tried }: CardWords): string {
  const { recipe, steps, seconds, controlSeconds, parameters, figures, modes, real, control, questions } = card;
  const { size, channels, width } = recipe["architecture"] as Readonly<Record<string, number>>;
  const asked = questions.length;
  const row = (name: string, ratios: readonly number[] | undefined, samples: SampleFigures): string =>
    modeRow(name, ratios, samples, asked);
  return `# ${card.name}

${title}: an idempotent generator (Shocher et al. 2024) of ${(parameters / 1e6).toFixed(2)} M parameters for pictures of
${size} × ${size} × ${channels}, ${width} channels in its first layer. One network f: noise becomes a picture in one step, f(z); a damaged picture y goes to f(y); and
f(f(z)) is nearly f(z). ${caveat}

Made by \`vitrine train ${card.name}\`: seed ${JSON.stringify(recipe["seed"])}, ${steps} steps of ${JSON.stringify(recipe["batch"])} pictures, ${(seconds / 60).toFixed(0)} minutes of training on this
run's machine (and ${(controlSeconds / 60).toFixed(0)} for the autoencoder that it is compared with).

${howTrained(recipe)}

${kernelsUpdated(recipe)}The weights are a running average. \`train.jsonl\` is the log, \`loss.svg\` the curve of the first part,
\`card.json\` all that stands here as data.

All figures are of held-out pictures and fresh noise. Features, answers and confidence are of a small classifier of such pictures${judged(card)}. Intervals are of 95%.

## Is it idempotent, and do samples look right?

r_k = |f^(k+1)(z) - f^k(z)| / |f(z) - z|. Fréchet distance and coverage (Naeem et al. 2020) in the classifier's features, of ${figures.reconstruction.count * 2} samples at most.

| | r_1 | r_2 | r_3 | Fréchet | coverage | ${questions.map((question) => `${question} covered | `).join("")}confidence |
|---|---|---|---|---|---|${questions.map(() => "---|").join("")}---|
${[
  row("**this model**, single pictures", figures.ratios, figures.samples),
  ...modes.map((mode) => row(`before settling, ${mode.name}`, mode.ratios, mode.samples)),
  row("plain autoencoder", control.ratios, control.samples),
  row("other real pictures", undefined, real),
].join("\n")}

${aims(card)}${tried === undefined ? "" : `\n\n${tried}`}

## Does it bring damaged pictures back?

Root mean squares of the distance to the clean picture, on a scale from -1 to 1; "gain" is how much farther the plain autoencoder's result is
from the clean picture, on the same pictures: positive where this model is better.

| damage | before | f(y) | f(f(y)) | autoencoder | gain |${asked > 0 ? ` ${questions[0]!} told right before | and of f(y) |` : ""}
|---|---|---|---|---|---|${asked > 0 ? "---|---|" : ""}
${Object.entries(figures.projections)
  .map(([name, p]) => {
    const other = control.projections[name]!;
    return `| ${name} | ${p.before.mean.toFixed(3)} | ${interval(p.once)} | ${p.twice.mean.toFixed(3)} | ${interval(other.once)} | ${p.gain ? interval(p.gain) : ""} |${asked > 0 ? ` ${percent(p.accuracyBefore)} | ${percent(p.accuracyOnce)} |` : ""}`;
  })
  .join("\n")}

Undamaged held-out pictures are rebuilt to ${interval(figures.reconstruction)}; by the autoencoder, to ${interval(control.reconstruction)}.

## Does it know what is not of its world?

Area under the ROC curve of |f(y) - y|, against undamaged held-out pictures.

| | ${Object.keys(figures.auroc).join(" | ")} |
|---|${Object.keys(figures.auroc)
    .map(() => "---|")
    .join("")}
| this model | ${Object.values(figures.auroc).map(three).join(" | ")} |
| plain autoencoder | ${Object.values(control.auroc).map(three).join(" | ")} |
`;
}

function modeRow(name: string, ratios: readonly number[] | undefined, samples: SampleFigures, asked: number): string {
  const r = [0, 1, 2].map((k) => (ratios === undefined ? "" : three(ratios[k]!)));
  const covered = samples.answers.slice(0, asked).map((answer) => percent(answer.covered));
  const confidence = samples.answers.map((answer) => answer.confidence.toFixed(2)).join(", ");
  const cells = [...r, samples.frechet.toFixed(2), samples.coverage.toFixed(2), ...covered, confidence];
  return `| ${name} | ${cells.join(" | ")} |`;
}

function aims({ figures, real }: Card): string {
  const share = figures.samples.coverage / real.coverage;
  const gains = Object.entries(figures.projections).map(([name, { gain }]) => ({ name, gain: gain! }));
  const lost = gains.filter(({ gain }) => gain.low <= 0).map(({ name }) => name);
  const met = (isMet: boolean): string => (isMet ? "reached" : "**not reached**");
  return `Aims: r_1 at most ${AIMS.ratio}: ${met(figures.ratios[0]! <= AIMS.ratio)} (${three(figures.ratios[0]!)}). Coverage at least ${percent(AIMS.coverage)} of real pictures': ${met(share >= AIMS.coverage)} (${percent(share)}).
Damaged pictures closer to the clean one than the plain autoencoder brings them: ${
    lost.length === 0 ? "reached for all" : `**not reached** for ${lost.join(", ")}`
  }.`;
}

const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;
const three = (x: number): string => x.toFixed(3);

/** `0.123 (0.119–0.127)` */
const interval = ({ mean, low, high }: Mean): string => `${three(mean)} (${three(low)} to ${three(high)})`;
