/** `vitrine project`: pictures brought to what a generator knows. */
import { UsageError } from "../../engine/errors.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import { corrupt } from "../../methods/idempotent/corrupt.js";
import { type Corruption, GRADED } from "../../methods/idempotent/corruptions.js";
import { distances, driftMaps, project } from "../../methods/idempotent/project.js";
import { loadGenerator } from "../../models/idempotent/load.js";
import { type Adaptation, picturesOfPixels } from "../../models/idempotent/pixels.js";
import { VERSION } from "../../version.js";
import { checkSource } from "../decompose/run.js";
import type { GlobalOptions } from "../fail.js";
import { checkOutputs, driftPictures, writeOutputs } from "../generator/output.js";
import { readPictures } from "../generator/pictures.js";
import { commandProvenance } from "../provenance.js";
import { columnsOf, fitMiddle, padEnd, printable } from "../terminal-text.js";

export interface ProjectOptions extends GlobalOptions {
  readonly model: string;
  readonly times: number;
  readonly corrupt?: Corruption;
  readonly strength: number;
  readonly seed: number;
  readonly norm?: string;
  readonly pixels?: string;
  readonly frame?: number;
  readonly invert?: true;
  readonly out?: readonly string[];
  readonly force?: true;
}

/** Throws `UsageError`, `OutputExistsError`, and what loading, decoding and writing throw. */
export async function runProject(images: readonly string[], options: ProjectOptions): Promise<void> {
  const { model, times, corrupt: corruption, strength, seed, norm, pixels, out = [], force, json } = options;
  const started = new Date();
  checkSource(images, pixels, "nothing to project", "vitrine project digit.png --out projected.png");
  checkOutputs(out, force);
  const loaded = await loadGenerator(model);
  await using generator = loaded.generator;
  const { architecture, use } = generator.parts;
  const pictures = await readPictures(generator, images, { ref: model, ...options });
  const { names, adaptations } = pictures;
  checkCorruption(corruption, strength, architecture.channels);
  const given =
    corruption === undefined
      ? pictures.pixels
      : corrupt(pictures.pixels, corruption, seeded(seed, "damage", corruption), strength);
  const mode = norm ?? use.pictures;
  const results = await project(generator, given, times, { pictures: mode });
  const maps = driftMaps(given, results[0]!);
  const steps = [given, ...results];
  // |f(y) - y|, |f(f(y)) - f(y)|, …, picture by picture.
  const moves = results.map((result, k) => distances(result, steps[k]!));
  const toClean = corruption === undefined ? undefined : steps.map((step) => distances(step, pictures.pixels));
  await writeOutputs(out, {
    ...pageOf(corruption === undefined ? steps : [pictures.pixels, ...steps], maps),
    tensors: tensorsOf({ given, results, maps, clean: corruption === undefined ? undefined : pictures.pixels }),
    metadata: { method: "idempotent", version: VERSION, model, images: JSON.stringify(names), norm: mode },
  });
  const known = knownDrift(loaded.metadata);
  if (json) {
    const found = names.map((name, i) => ({
      name,
      adaptations: adaptations[i]!,
      drift: moves[0]![i]!,
      moves: moves.map((each) => each[i]!),
      ...(toClean && { toClean: toClean.map((each) => each[i]!) }),
    }));
    const document = {
      model: { ref: model, ...architecture, caveat: loaded.metadata["caveat"], ...(known && { knownDrift: known }) },
      times,
      ...(corruption && { corruption, seed, ...(GRADED.includes(corruption) && { strength }) }),
      norm: mode,
      images: found,
      files: out,
      provenance: commandProvenance(started),
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  for (const [i, name] of names.entries()) notice(name, adaptations[i]!, architecture.size);
  const width = Math.min(NAME_COLUMNS, Math.max(...names.map((name) => columnsOf(printable(name)))));
  const lines = names.map((name, i) => {
    const path = moves.map((each) => each[i]!.toFixed(3)).join(", then ");
    const clean = toClean ? `   to the clean picture ${toClean.map((each) => each[i]!.toFixed(3)).join(" → ")}` : "";
    return `  ${padEnd(fitMiddle(printable(name), width), width)}   moved ${path}${clean}\n`;
  });
  const { caveat } = loaded.metadata;
  process.stdout.write(
    `${printable(model)} · roots of mean squares, on a scale from -1 to 1\n` +
      (caveat === undefined ? "" : `${printable(caveat)}\n`) +
      lines.join("") +
      (known ? `Pictures of its world move ${known.median} (median), 95% of them at most ${known.most}.\n` : "") +
      (out.length > 0 ? `Wrote ${out.map(printable).join(", ")}.\n` : "Add --out FILE.png to see them.\n"),
  );
}

const NAME_COLUMNS = 36;

function checkCorruption(corruption: Corruption | undefined, strength: number, channels: number): void {
  if (strength !== 1 && (corruption === undefined || !GRADED.includes(corruption))) {
    const got = corruption === undefined ? "no --corrupt" : `--corrupt ${corruption}`;
    throw new UsageError({
      what: "nothing to be of that strength",
      where: "--strength",
      got,
      expected: GRADED.join(", "),
    });
  }
  if (corruption !== "grey" || channels > 1) return;
  throw new UsageError({ what: "this model's pictures are grey already", where: "--corrupt grey", fix: "use another" });
}

const ADAPTED: Readonly<Record<Adaptation, string>> = {
  cropped: "cut to its middle square",
  resized: "resized",
  grey: "made grey",
};

function notice(name: string, adaptations: readonly Adaptation[], size: number): void {
  if (adaptations.length === 0) return;
  const done = adaptations.map((one) => ADAPTED[one] + (one === "resized" ? ` to ${size} × ${size}` : "")).join(", ");
  process.stderr.write(`vitrine: ${printable(name)} was ${done}\n`);
}

/** How far held-out pictures of the model's own world move, as its training measured it. */
function knownDrift(metadata: Readonly<Record<string, string>>): { median: number; most: number } | undefined {
  const { drift_median: median, drift_95: most } = metadata;
  if (median === undefined || most === undefined) return undefined;
  return { median: Number(median), most: Number(most) };
}

interface Tensors {
  readonly given: FloatTensor;
  readonly results: readonly FloatTensor[];
  readonly maps: FloatTensor;
  readonly clean: FloatTensor | undefined;
}

function tensorsOf({ given, results, maps, clean }: Tensors): Record<string, FloatTensor> {
  const projected = results.map((result, k) => [`projected.${k + 1}`, result] as const);
  return { ...(clean && { clean }), input: given, ...Object.fromEntries(projected), drift: maps };
}

/** A row for each picture: as it was, damaged, each projection, and where the first one moved it. */
function pageOf(
  steps: readonly FloatTensor[],
  maps: FloatTensor,
): { pictures: ReturnType<typeof picturesOfPixels>; columns: number } {
  const columns = [...steps.map(picturesOfPixels), driftPictures(maps)];
  const rows = Array.from({ length: maps.shape[0]! }, (_, i) => columns.map((column) => column[i]!));
  return { pictures: rows.flat(), columns: columns.length };
}
