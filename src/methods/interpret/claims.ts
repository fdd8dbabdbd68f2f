/** The claims about how readable a model's heads are, from the figures of `evaluateInterpret`. */
import { type Claim, type ClaimColumn, type ClaimRow, showEstimate } from "../claim.js";
import type { Estimate } from "../../engine/tensor/bootstrap.js";
import type { Control, InterpretEvaluation, InterpretFigures, Spread } from "./evaluate.js";

const CONTROLS = {
  untrained: "untrained model",
  shuffledLabels: "labels dealt to other heads",
  randomTexts: "random texts",
} as const satisfies Record<Control, string>;

/** Runs: the range of fewer tells nothing. */
const FEWEST = 3;

interface Question {
  readonly claim: string;
  readonly figures: readonly (keyof InterpretFigures)[];
  readonly columns: readonly ClaimColumn[];
  readonly better: string;
}

const QUESTIONS: readonly Question[] = [
  {
    claim:
      "Heads of a trained model have a property in common with their texts (association, consistency of concepts).",
    figures: ["association", "consistency"],
    columns: [
      { name: "association", unit: "percent" },
      { name: "mean CCS", unit: "plain" },
    ],
    better: "higher",
  },
  {
    claim: "Heads of a trained model keep to properties of their own (low entanglement).",
    figures: ["sharedHeads", "meanFrequency"],
    columns: [
      { name: "heads that share a label", unit: "percent" },
      { name: "heads per label", unit: "plain" },
    ],
    better: "lower",
  },
];

/** `balanced` decides; `whole` stands beside it: with a pool as it comes, most texts speak of the same property. */
export function interpretClaims(
  {
    balanced,
    whole,
    runs,
  }: {
    readonly balanced: InterpretEvaluation;
    readonly whole: InterpretEvaluation;
    readonly runs: number;
  },
  setting: string,
): Claim[] {
  return QUESTIONS.map(({ claim, figures, columns, better }) => {
    const rowsOf = (evaluation: InterpretEvaluation): ClaimRow[] => {
      const row = (
        name: string,
        kind: ClaimRow["kind"],
        of: Partial<Record<keyof InterpretFigures, Spread>>,
      ): ClaimRow => ({
        name,
        kind,
        figures: figures.map((figure) => estimateOf(of[figure])),
      });
      const controls = Object.entries(CONTROLS) as [Control, string][];
      return [
        row("trained model", "method", evaluation.trained),
        ...controls.map(([control, name]) => row(name, "control", evaluation[control])),
      ];
    };
    const asked = balanced.better.filter(({ figure }) => figures.includes(figure));
    const own = figures.map((figure, i) => {
      const held = asked.filter((one) => one.figure === figure);
      const clear = held.filter((one) => one.holds).length;
      return `${columns[i]!.name} ${showEstimate(estimateOf(balanced.trained[figure]), columns[i]!.unit)}, clear of ${clear} of ${held.length} controls`;
    });
    return {
      claim,
      setting: `${setting} Of the model the mean with the least and largest of the runs, of controls the middle 95%.`,
      criterion: `Each figure is ${better} than every control's, ranges apart, with as many texts of each property, in ${FEWEST} runs or more.`,
      holds: runs >= FEWEST && asked.every(({ holds }) => holds),
      found: `${own.join("; ")}.`,
      tables: [
        { title: "With as many texts of each property", columns, rows: rowsOf(balanced) },
        { title: "With all descriptions, most of which speak of shapes and colours", columns, rows: rowsOf(whole) },
      ],
    };
  });
}

function estimateOf(spread: Spread | undefined): Estimate | undefined {
  return spread && { value: spread.mean, low: spread.low, high: spread.high };
}
