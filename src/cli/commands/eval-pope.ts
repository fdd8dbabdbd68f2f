/** `vitrine eval pope`: questions whether objects are in pictures (POPE): answers judged, questions made, or a model measured on scenes. */
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import type { Estimate } from "../../engine/tensor/bootstrap.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { drawScenes } from "../../methods/captions/described-scenes.js";
import { type PopeOnScenes, popeOnScenes, type PopeRow } from "../../methods/captions/evaluate-pope.js";
import { pope, popeQuestions, type PopeScores, type PopeStrategy } from "../../methods/captions/pope.js";
import { loadVlm, type LoadVlmOptions } from "../../models/vlm/load.js";
import { TRAINING_SCENES } from "../../recipes/vlm-scenes/data.js";
import { VERSION } from "../../version.js";
import { modelCaveat } from "../captions/caveat.js";
import { questionLine, readPopeAnswers, readPopeTruth } from "../captions/pope-files.js";
import { downloadProgress } from "../download-progress.js";
import { refuseToOverwrite } from "../overwrite.js";
import { padEnd, padStart, printable } from "../terminal-text.js";

export interface EvalPopeOptions extends LoadVlmOptions {
  /** Default "vlm-scenes". */
  readonly model?: string;
  readonly answers?: string;
  readonly truth?: string;
  readonly questions?: PopeStrategy;
  readonly perPicture: number;
  readonly seed: number;
  readonly quick?: true;
  readonly out?: string;
  readonly force?: true;
  readonly json?: true;
}

/** Scenes: to choose a threshold on, to report, and to know what is frequent and what goes together. */
const SCENES = { chosenOn: 100, reported: 300, reference: 2000 };
const QUICK = 0.1;
const LEAST = 24;
const FILE = "pope.json";

/** Throws `UsageError` for options and files that are not as they should be, and what loading models throws. */
export async function runEvalPope(options: EvalPopeOptions): Promise<void> {
  const { answers, truth, questions, json, seed } = options;
  if (answers === undefined && truth === undefined) return onScenes(options);
  if (truth === undefined || (answers === undefined) === (questions === undefined)) {
    throw new UsageError({
      what: "unusable options",
      got: Object.entries({ answers, truth, questions })
        .flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]))
        .join(", "),
      expected:
        "--truth with --answers, to judge answers; --truth with --questions, to make questions; or none, to measure a model on scenes",
    });
  }
  const known = await readPopeTruth(truth);
  if (answers !== undefined) {
    const scores = pope(await readPopeAnswers(answers, known), seed);
    process.stdout.write(json ? `${JSON.stringify(figures(scores))}\n` : table([["all answers", scores]]));
    return;
  }
  if ("questions" in known) {
    throw new UsageError({ what: "these are questions already", where: truth, expected: "objects of pictures" });
  }
  const made = popeQuestions(known.objects, questions!, { perPicture: options.perPicture, seed });
  process.stdout.write(made.map((question) => `${questionLine(question)}\n`).join(""));
}

async function onScenes(options: EvalPopeOptions): Promise<void> {
  const { model: ref = "vlm-scenes", seed, quick, out, json } = options;
  if (out !== undefined) refuseToOverwrite(join(out, FILE), options.force);
  await using model = await loadVlm(ref, { ...options, ...downloadProgress() });
  const scaled = (count: number): number => (quick ? Math.max(LEAST, Math.round(QUICK * count)) : count);
  // Without the correlation of training, as in `eval captions`; what is asked for knows that correlation.
  const scenes = {
    chosenOn: drawScenes(seed + 20_000, scaled(SCENES.chosenOn), { combinations: "seen" }),
    reported: drawScenes(seed + 30_000, scaled(SCENES.reported), { combinations: "seen" }),
    reference: drawScenes(seed + 40_000, SCENES.reference, TRAINING_SCENES),
  };
  const found = await popeOnScenes(model, scenes, seed, (what) => process.stderr.write(`${what}\n`));
  const caveat = modelCaveat(model);
  const document = documentOf(model.parts.ref, seed, scenes.reported.length, found);
  if (out !== undefined) {
    await makeFolder(out);
    await writeWhole(join(out, FILE), `${JSON.stringify(document, null, 1)}\n`);
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const head = `${printable(model.parts.ref)}${caveat === undefined ? "" : `\n${caveat}`}\n\n`;
  const asked = found.canBeAsked
    ? ""
    : "The model reads no questions and was not asked any: what is measured is whether its caption names an object, and whether its image tokens hold it.\n";
  const threshold = `Image tokens hold an object from a belief of ${(100 * found.threshold).toFixed(1)}% on, chosen on other scenes.\n\n`;
  const tables = found.results.map(({ strategy, questions, rows }) => {
    const title = `Absent objects ${STRATEGIES[strategy]}: ${questions} questions\n`;
    return title + table(rows.map((row) => [nameOf(row), row.scores]));
  });
  const wrote = out === undefined ? "" : `\nWrote ${printable(join(out, FILE))}.\n`;
  process.stdout.write(head + asked + threshold + tables.join("\n") + wrote);
}

const STRATEGIES: Readonly<Record<PopeStrategy, string>> = {
  random: "at random",
  popular: "that are most frequent in training",
  adversarial: "that go most with one that is there, in training",
};

const nameOf = ({ name, kind }: PopeRow): string => (kind === "control" ? `control: ${name}` : name);

function documentOf(ref: string, seed: number, pictures: number, found: PopeOnScenes): object {
  return {
    model: ref,
    version: VERSION,
    seed,
    pictures,
    can_be_asked: found.canBeAsked,
    threshold: found.threshold,
    results: found.results.map(({ strategy, rows }) => ({
      strategy,
      rows: rows.map(({ name, kind, scores }) => ({ name, kind, ...figures(scores) })),
    })),
  };
}

const NAMES = ["accuracy", "precision", "recall", "f1", "yesRate"] as const;

/** In percent, as `eval chair` has them. */
function figures(scores: PopeScores): object {
  const key = (name: (typeof NAMES)[number]): string => (name === "yesRate" ? "yes_rate" : name);
  const all = NAMES.map((name) => [key(name), scores[name]] as const);
  return {
    ...Object.fromEntries(all.map(([name, estimate]) => [name, estimate === undefined ? null : 100 * estimate.value])),
    intervals: Object.fromEntries(
      all.map(([name, estimate]) => [name, estimate === undefined ? null : [100 * estimate.low, 100 * estimate.high]]),
    ),
    counts: scores.counts,
  };
}

function table(rows: readonly (readonly [name: string, scores: PopeScores])[]): string {
  const cells = [
    ["percent", "accuracy", "precision", "recall", "F1", "yes"],
    ...rows.map(([name, scores]) => [name, ...NAMES.map((figure) => short(scores[figure]))]),
  ];
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells
    .map((row) => row.map((cell, i) => (i === 0 ? padEnd(cell, widths[i]!) : padStart(cell, widths[i]!))))
    .map((row) => `  ${row.join("  ")}`.trimEnd() + "\n")
    .join("");
}

/** In percent, as narrow as it can be. */
function short(estimate: Estimate | undefined): string {
  if (estimate === undefined) return "–";
  const { value, low, high } = estimate;
  return `${(100 * value).toFixed(1)} [${(100 * low).toFixed(0)}, ${(100 * high).toFixed(0)}]`;
}
