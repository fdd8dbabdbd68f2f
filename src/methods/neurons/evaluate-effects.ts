/** The claims about second-order effects: sparse, of one direction each, and told by their words. */
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import { type Claim, type ClaimColumn, type ClaimRow, showEstimate } from "../claim.js";
import type { Kept, MeasuredEffects, NeuronFigures } from "./measure-effects.js";

/** What was measured of a model and of untrained ones, in runs on scenes of their own. */
export interface EffectRuns {
  readonly trained: readonly MeasuredEffects[];
  readonly untrained: readonly MeasuredEffects[];
}

/** Throws a RangeError without runs. */
export function effectClaims({ trained, untrained }: EffectRuns, seed: number): Claim[] {
  if (trained.length === 0) throw new RangeError("no runs");
  const runs = new Set(trained.map((one) => one.seed)).size;
  const layers = [...new Set(trained.map(({ layer }) => layer))].sort((a, b) => a - b);
  const each = `Neurons of layer${layers.length > 1 ? "s" : ""} ${layers.join(", ")}, ${runs} runs on scenes of their own.`;
  return [
    sparsity(trained, each, seed),
    direction({ trained, untrained }, each, seed),
    words({ trained, untrained }, each, seed),
  ];
}

const KEPT_NAMES: readonly (readonly [Kept, string, ClaimRow["kind"]])[] = [
  ["all", "all effects (the model as it is)", "baseline"],
  ["none", "none: all at their mean", "baseline"],
  ["significant", "those over each neuron's threshold", "method"],
  ["random", "as many neurons' at random", "control"],
  ["insignificant", "those under it", "control"],
];

function sparsity(trained: readonly MeasuredEffects[], each: string, seed: number): Claim {
  const layers = byLayer(trained).map(([layer, measured]) => {
    const rows = KEPT_NAMES.map(([kept, name, kind]): ClaimRow => ({
      name,
      kind,
      figures: restored(measured, kept, seed),
    }));
    return { layer, rows, fires: mean(measured.flatMap(({ neurons }) => neurons.map(({ fires }) => fires))) };
  });
  const verdicts = layers.map(({ rows }) => {
    const [lost, own, other] = [rows[1]!.figures[1], rows[2]!.figures[2], rows[3]!.figures[2]];
    const testable = lost !== undefined && lost.high < 0;
    return { testable, holds: testable && own !== undefined && own.low > 0.5 && own.low > (other?.high ?? 1) };
  });
  const [testable, held] = [verdicts.filter((one) => one.testable).length, verdicts.filter((one) => one.holds).length];
  return {
    claim:
      "Neuron effects are sparse: on each picture a few neurons matter, and each neuron matters on less than 2% of pictures.",
    setting: `${each} A neuron's threshold is that of its strongest known scenes, 2% of them but 10 at least; accuracy is zero-shot, over all attributes, on others. All scenes have one object. Intervals by resampling scenes.`,
    criterion:
      "In each layer whose effects matter at all: keeping only effects over the threshold wins back more than half of the accuracy that is lost without any, and more than as many random ones do, intervals apart.",
    holds: testable > 0 && held === testable,
    found: `In ${held} of the ${testable} layers whose effects matter (of ${layers.length}).`,
    tables: layers.map(({ layer, rows, fires }) => ({
      title: `Layer ${layer}: effects kept (on average ${(100 * fires).toFixed(1)}% of the tested scenes are over a neuron's threshold)`,
      columns: [
        { name: "accuracy", unit: "percent" },
        { name: "change", unit: "points" },
        { name: "won back", unit: "percent" },
      ],
      rows,
    })),
  };
}

/** Accuracy, its change, and how much of what is lost without any effects is won back. */
function restored(measured: readonly MeasuredEffects[], kept: Kept, seed: number): (Estimate | undefined)[] {
  const of = (name: Kept): number[] => measured.flatMap(({ accuracy }) => [...accuracy[name]]);
  const [all, none, own] = [of("all"), of("none"), of(kept)];
  const [accuracy, change, wonBack, lost] = bootstrapEstimates(
    own.length,
    (members) => {
      const [whole, without, is] = [all, none, own].map((list) => {
        let sum = 0;
        for (const i of members) sum += list[i]!;
        return sum / members.length;
      }) as [number, number, number];
      return [is, is - whole, (is - without) / (whole - without), whole - without];
    },
    { seed },
  );
  // Of what is not lost, no share can be won back.
  return [accuracy, change, lost!.low > 0 ? wonBack : undefined];
}

/** An interval of a share that would hold here: the first direction has most of what there is. */
const MOST = 0.5;

function direction({ trained, untrained }: EffectRuns, each: string, seed: number): Claim {
  const rows = [
    ...byLayer(trained).flatMap(([layer, measured]): ClaimRow[] => [
      {
        name: `layer ${layer}`,
        kind: "method",
        figures: [over(measured, "explained", seed), restored(measured, "rank 1", seed)[2]],
      },
      {
        name: `layer ${layer}, a random direction of the neuron's`,
        kind: "control",
        figures: [over(measured, "explainedRandom", seed), restored(measured, "rank 1, random", seed)[2]],
      },
    ]),
    ...byLayer(untrained).map(([layer, measured]): ClaimRow => ({
      name: `layer ${layer}, untrained model`,
      kind: "control",
      figures: [over(measured, "explained", seed), undefined],
    })),
  ];
  const own = rows.filter(({ kind }) => kind === "method");
  const random = rows.filter(({ name }) => name.includes("random direction"));
  const holds = own.every(({ figures: [share] }, i) => {
    const control = random[i]!.figures[0];
    return share !== undefined && share.low > MOST && share.low > (control?.high ?? 1);
  });
  return {
    claim: "A neuron's effects lie near one direction (rank 1).",
    setting: `${each} Directions are those of the strongest known scenes; shares are measured on other scenes that are over the threshold. Intervals by resampling neurons, and scenes for the accuracy.`,
    criterion:
      "In every layer the direction has more than half of the effects' squared length, and more than a random direction of the neuron's span.",
    holds,
    found:
      own.map(({ name, figures: [share] }) => `${name}: ${showEstimate(share, "percent")}`).join("; ") +
      ` of the squared length. ${ofUntrained(rows)}`,
    tables: [
      {
        title: "One direction for each neuron",
        columns: [
          { name: "share of squared length", unit: "percent" },
          { name: "accuracy won back", unit: "percent" },
        ],
        rows,
      },
    ],
  };
}

/** Whether being of one direction is anything that training brought. */
function ofUntrained(rows: readonly ClaimRow[]): string {
  const shares = rows.flatMap(({ name, figures: [share] }) => (name.includes("untrained") ? (share ?? []) : []));
  if (shares.length === 0) return "No untrained model stands beside.";
  const listed = shares.map(({ value }) => `${(100 * value).toFixed(1)}%`).join(", ");
  return `An untrained model's: ${listed}; where these are as high, training did not bring it about.`;
}

function words({ trained, untrained }: EffectRuns, each: string, seed: number): Claim {
  const columns: ClaimColumn[] = [{ name: "AUC", unit: "plain" }];
  const areas = (
    name: string,
    kind: ClaimRow["kind"],
    measured: readonly MeasuredEffects[],
    figure: Area,
  ): ClaimRow => ({
    name,
    kind,
    figures: [over(measured, figure, seed)],
  });
  const rows = [
    ...byLayer(trained).flatMap(([layer, measured]) => [
      areas(`layer ${layer}, own words`, "method", measured, "area"),
      areas(`layer ${layer}, another neuron's words`, "control", measured, "areaOthersWords"),
      areas(`layer ${layer}, firing dealt to other scenes`, "control", measured, "areaShuffled"),
    ]),
    ...byLayer(untrained).map(([layer, measured]) =>
      areas(`layer ${layer}, untrained model, own words`, "control", measured, "area"),
    ),
  ];
  const own = rows.filter(({ kind }) => kind === "method");
  const clear = own.map((row) => {
    const at = rows.indexOf(row);
    const beside = [rows[at + 1]!, rows[at + 2]!].map(({ figures: [area] }) => area?.high ?? 1);
    return (row.figures[0]?.low ?? 0) > Math.max(...beside);
  });
  return {
    claim: "The words of a neuron predict on which pictures it fires.",
    setting: `${each} 32 texts per neuron by orthogonal matching pursuit over all descriptions of scenes; a scene's score is the sum of their coefficients, each times the share of what the text says that is to be seen. Firing: over the threshold, along the neuron's direction. Intervals by resampling neurons.`,
    criterion:
      "In every layer the mean AUC is above that of another neuron's words and of shuffled labels, intervals apart.",
    holds: clear.every(Boolean),
    found: `Clear of both controls in ${clear.filter(Boolean).length} of ${own.length} layers: ${own.map(({ name, figures: [area] }) => `${name} ${showEstimate(area, "plain")}`).join("; ")}.`,
    tables: [{ title: "How well words rank scenes by whether the neuron fires (0.5: not at all)", columns, rows }],
  };
}

type Area = "area" | "areaOthersWords" | "areaShuffled";

/** Mean of a figure over the neurons that have it. */
function over(measured: readonly MeasuredEffects[], figure: keyof NeuronFigures, seed: number): Estimate | undefined {
  // By neuron the mean over runs, which are of the same neurons.
  const values = measured[0]!.neurons.flatMap((_, i) => {
    const own = measured.flatMap(({ neurons }) => neurons[i]![figure] ?? []);
    return own.length === 0 ? [] : [mean(own)];
  });
  if (values.length === 0) return undefined;
  const [estimate] = bootstrapEstimates(values.length, (members) => [mean(Array.from(members, (i) => values[i]!))], {
    seed,
  });
  return estimate;
}

function byLayer(measured: readonly MeasuredEffects[]): [number, MeasuredEffects[]][] {
  const layers = [...new Set(measured.map(({ layer }) => layer))].sort((a, b) => a - b);
  return layers.map((layer) => [layer, measured.filter((one) => one.layer === layer)]);
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
