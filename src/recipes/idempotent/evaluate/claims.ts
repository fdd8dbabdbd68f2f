/** The claims about idempotent generators, judged on small ones trained for the purpose. */
import type { Estimate } from "../../../engine/tensor/bootstrap.js";
import type { Claim, ClaimColumn, ClaimRow } from "../../../methods/claim.js";
import { showEstimate } from "../../../methods/claim.js";
import type { GeneratorFigures, SampleFigures } from "../../../methods/idempotent/measure.js";
import { type EvaluationRun, SETTLED_ROW, TWO_BANKS_ROW } from "./runs.js";

/** What r_1 is to be at most, what share of real pictures' coverage is to be reached, and how much worse than a DCGAN is allowed. */
const AIMS = { ratio: 0.05, coverage: 0.9, frechet: 1.3 };

/** 97.5% quantiles of Student's t for 1, 2, 3, … degrees of freedom; beyond, the normal one. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** The mean over runs, with Student's interval of 95%. Of one run, that run's figure without an interval worth the name. */
export function overRuns(values: readonly number[]): Estimate {
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  if (values.length < 2) return { value, low: -Infinity, high: Infinity };
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (values.length - 1);
  const reach = (STUDENT[values.length - 2] ?? 1.96) * Math.sqrt(variance / values.length);
  return { value, low: value - reach, high: value + reach };
}

export function idempotentClaims(runs: readonly EvaluationRun[], steps: number): Claim[] {
  const setting =
    `Digits of 16 × 16 from the world of glyphs, ${steps} steps of 64 pictures for each model and as many again for what settles, for autoencoders and for a second DCGAN; ` +
    `${runs.length} runs with weights, pictures and noise of their own; held-out pictures. "Spread" is Vitrine's objective: the listing's with more weight on ` +
    `idempotence and tightness, and the energy distance between samples and data; "listing" and "experiments" are the published ones. While it settles, f also learns to ` +
    `bring back pictures with white noise on them, as does the denoising autoencoder. Intervals over runs (Student). Features and answers are of a classifier of the same world.`;
  return [idempotence(runs, setting), samples(runs, setting), projections(runs, setting), drifts(runs, setting)];
}

type Pick = (figures: GeneratorFigures) => number;

const plain = (name: string): ClaimColumn => ({ name, unit: "plain" });
const percent = (name: string): ClaimColumn => ({ name, unit: "percent" });

function estimate(runs: readonly EvaluationRun[], row: string, pick: Pick): Estimate {
  return overRuns(runs.map(({ figures }) => pick(figures[row]!)));
}

const kindOf = (row: string): ClaimRow["kind"] =>
  row === TWO_BANKS_ROW || row === SETTLED_ROW
    ? "method"
    : row.startsWith("listing") || row.startsWith("exp")
      ? "baseline"
      : "control";

const rowsOf = ([first]: readonly EvaluationRun[]): string[] => Object.keys(first!.figures);

function table(
  runs: readonly EvaluationRun[],
  title: string,
  columns: readonly (readonly [ClaimColumn, Pick])[],
): Claim["tables"][number] {
  return {
    title,
    columns: columns.map(([column]) => column),
    rows: rowsOf(runs).map((name) => ({
      name,
      kind: kindOf(name),
      figures: columns.map(([, pick]) => estimate(runs, name, pick)),
    })),
  };
}

function idempotence(runs: readonly EvaluationRun[], setting: string): Claim {
  const ratio = (row: string): Estimate => estimate(runs, row, ({ ratios }) => ratios[0]!);
  const [two, single] = [ratio(TWO_BANKS_ROW), ratio(SETTLED_ROW)];
  const [batch, running] = [ratio("listing, batch"), ratio("listing, running")];
  const best = two.high < single.high ? two : single;
  return {
    claim: "f is idempotent: f(f(z)) = f(z), also for single pictures.",
    setting,
    criterion: `With statistics that stay (two banks, or settled), r_1 = |f(f(z)) - f(z)| / |f(z) - z| is at most ${AIMS.ratio}, the interval's upper end included.`,
    holds: best.high <= AIMS.ratio,
    found: `r_1 is ${showEstimate(two, "plain")} with two banks and ${showEstimate(single, "plain")} settled. With the listing's objective it is ${showEstimate(batch, "plain")} in training mode, ${showEstimate(running, "plain")} with running statistics.`,
    tables: [
      table(
        runs,
        "r_k = |f^(k+1)(z) - f^k(z)| / |f(z) - z|. A small one counts only beside diverse samples (next claim).",
        [0, 1, 2, 3, 4].map((k) => [plain(`r_${k + 1}`), ({ ratios }) => ratios[k]!]),
      ),
    ],
  };
}

function samples(runs: readonly EvaluationRun[], setting: string): Claim {
  const columns: readonly (readonly [ClaimColumn, (figures: SampleFigures) => number])[] = [
    [plain("Fréchet"), ({ frechet }) => frechet],
    [percent("coverage"), ({ coverage }) => coverage],
    [percent("classes"), ({ answers }) => answers[0]!.covered],
    [plain("confidence"), ({ answers }) => answers[0]!.confidence],
  ];
  const own = table(
    runs,
    "Samples f(z) against held-out pictures",
    columns.map(([column, pick]) => [column, (figures) => pick(figures.samples)]),
  );
  const names = { dcgan: "DCGAN", longerDcgan: "DCGAN, as many steps as what settled", real: "other real pictures" };
  const others = (Object.keys(names) as (keyof typeof names)[]).map((key): ClaimRow => ({
    name: names[key],
    kind: "baseline",
    figures: columns.map(([, pick]) => overRuns(runs.map((run) => pick(run[key])))),
  }));
  const relative = (
    row: string,
    beside: "dcgan" | "longerDcgan",
  ): Record<"coverage" | "frechet" | "classes", Estimate> => ({
    coverage: overRuns(runs.map(({ figures, real }) => figures[row]!.samples.coverage / real.coverage)),
    frechet: overRuns(runs.map((run) => run.figures[row]!.samples.frechet / run[beside].frechet)),
    classes: estimate(runs, row, ({ samples }) => samples.answers[0]!.covered),
  });
  const met = ({ coverage, frechet, classes }: ReturnType<typeof relative>): boolean =>
    classes.value === 1 && coverage.value >= AIMS.coverage && frechet.value <= AIMS.frechet;
  const [two, single] = [relative(TWO_BANKS_ROW, "dcgan"), relative(SETTLED_ROW, "longerDcgan")];
  const tell = (name: string, { coverage, frechet, classes }: ReturnType<typeof relative>): string =>
    `${name}: ${showEstimate(classes, "percent")} of the classes, ${showEstimate(coverage, "percent")} of real pictures' coverage, ${showEstimate(frechet, "plain")} × the DCGAN's Fréchet distance.`;
  return {
    claim: "One step of f makes diverse samples, about as good as a DCGAN's.",
    setting,
    criterion: `All classes occur, coverage is at least ${100 * AIMS.coverage}% of what other real pictures have, and the Fréchet distance is at most ${AIMS.frechet} × that of a DCGAN of the same size and number of steps: with two banks or settled, on average.`,
    holds: met(two) || met(single),
    found: `${tell("Two banks", two)} ${tell("Settled", single)}`,
    tables: [{ ...own, rows: [...own.rows, ...others] }],
  };
}

function projections(runs: readonly EvaluationRun[], setting: string): Claim {
  const damages = Object.keys(runs[0]!.figures[SETTLED_ROW]!.projections);
  const gains = damages.map((damage) => ({
    damage,
    gain: estimate(runs, SETTLED_ROW, ({ projections }) => projections[damage]!.gain!.mean),
  }));
  const won = gains.filter(({ gain }) => gain.low > 0);
  return {
    claim: "f projects: damaged pictures come closer to the clean ones than a plain autoencoder brings them.",
    setting,
    criterion:
      "For each kind of damage, the autoencoder's result is farther from the clean picture than f's (settled), the interval above 0.",
    holds: won.length === gains.length,
    found: `The autoencoder is farther away by ${gains.map(({ damage, gain }) => `${showEstimate(gain, "plain")} (${damage})`).join(", ")}.`,
    tables: [
      table(
        runs,
        "Distance of f(y) to the clean picture (root mean square, on a scale from -1 to 1)",
        damages.map((damage) => [plain(damage), ({ projections }) => projections[damage]!.once.mean]),
      ),
      table(
        runs,
        "Told right after f(y)",
        damages.map((damage) => [percent(damage), ({ projections }) => projections[damage]!.accuracyOnce]),
      ),
    ],
  };
}

function drifts(runs: readonly EvaluationRun[], setting: string): Claim {
  const kinds = Object.keys(runs[0]!.figures[SETTLED_ROW]!.auroc);
  const better = kinds.map((kind) => ({
    kind,
    lead: overRuns(
      runs.map(({ figures }) => figures[SETTLED_ROW]!.auroc[kind]! - figures["autoencoder"]!.auroc[kind]!),
    ),
    own: estimate(runs, SETTLED_ROW, ({ auroc }) => auroc[kind]!),
  }));
  const told = better.filter(({ own }) => own.low > 0.5);
  return {
    claim: "How far f moves a picture tells whether it is one of the world's.",
    setting,
    criterion:
      "Against held-out pictures, the area under the ROC curve of |f(y) - y| (settled) is above 0.5 for white noise and for each kind of damage, intervals included.",
    holds: told.length === kinds.length,
    found: `${told.length} of ${kinds.length} kinds are told. Beside the plain autoencoder: ${better.map(({ kind, lead }) => `${lead.value >= 0 ? "+" : ""}${lead.value.toFixed(3)} (${kind})`).join(", ")}.`,
    tables: [
      table(
        runs,
        "Area under the ROC curve of |f(y) - y|, against undamaged held-out pictures",
        kinds.map((kind) => [plain(kind), ({ auroc }) => auroc[kind]!]),
      ),
    ],
  };
}
