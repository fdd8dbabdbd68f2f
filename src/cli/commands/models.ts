/** `vitrine models`: which checkpoints there are, what they are, and whether they are whole. */
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { EXIT_FAILED, UsageError } from "../../engine/errors.js";
import { showShape } from "../../engine/tensor/shape.js";
import { selectModelFiles } from "../../engine/weights/hub/select-model-files.js";
import { hubCacheDir } from "../../engine/weights/hub/settings.js";
import { fetchSnapshot } from "../../engine/weights/hub/snapshot.js";
import { verifySnapshot } from "../../engine/weights/hub/verify-snapshot.js";
import { ARCHITECTURES, type Architecture, TINY } from "../../models/clip/architectures.js";
import { loadClip } from "../../models/clip/load.js";
import { writeRandomCheckpoint } from "../../models/clip/random-checkpoint.js";
import { loadGenerator } from "../../models/idempotent/load.js";
import { type RandomFamily, TINY_SIZES, writeRandomFamily } from "../../models/families/random-checkpoint.js";
import { TINY_VLM, writeRandomVlm } from "../../models/vlm/random-checkpoint.js";
import { TINY_INSTRUCTBLIP, writeRandomInstructBlip } from "../../models/vlm/random-instruct-blip.js";
import { describePreprocessing } from "../decompose/run.js";
import { downloadProgress } from "../download-progress.js";
import { OutputExistsError } from "../errors.js";
import type { GlobalOptions } from "../fail.js";
import { describeModel, type ModelDescription, type TowerDescription } from "../models/describe.js";
import { cachedModels, kindOf, zooModels } from "../models/inventory.js";
import { megabytes } from "../progress.js";
import { columnsOf, padEnd, printable } from "../terminal-text.js";
import type { ModelOptions } from "./model-options.js";

const GENERATOR = "idempotent-generator";

export interface RevisionOptions extends GlobalOptions {
  readonly revision?: string;
}

export interface RandomOptions extends GlobalOptions {
  readonly out: string;
  readonly arch: string;
  readonly seed: number;
}

export async function listModels({ json }: GlobalOptions): Promise<void> {
  const [zoo, hub] = [await zooModels(), await cachedModels()];
  if (json) {
    printJson({ zoo, hub });
    return;
  }
  const zooRows = zoo.map(({ name, bytes, kind }) => [name, size(bytes), kind.replaceAll("-", " ")]);
  const hubRows = hub.map(({ id, revision, commit, bytes, clip }) => [
    id,
    size(bytes),
    `${revision ?? "no branch"} @ ${commit.slice(0, 12)}`,
    clip ? "" : "not known to be a model that Vitrine loads",
  ]);
  const cached = hub.length > 0 ? table(hubRows) : "  none yet: `vitrine models pull openai/clip-vit-base-patch16`\n";
  process.stdout.write(`With Vitrine:\n${table(zooRows)}\nFrom the hub, in ${printable(hubCacheDir())}:\n${cached}`);
}

/** Throws what `loadClip` throws. */
export async function modelInfo(ref: string, options: ModelOptions & { readonly sites?: true }): Promise<void> {
  const found = (await zooModels()).find(({ name }) => name === ref);
  if ((await kindOf(found?.path ?? ref)) === GENERATOR) {
    await generatorInfo(ref, options);
    return;
  }
  await using clip = await loadClip(ref, { ...options, ...downloadProgress() });
  const model = await describeModel(clip, options.activation);
  const sites = options.sites ? [...clip.siteShapes()] : [];
  if (options.json) {
    const listed = options.sites ? { sites: sites.map(([name, shape]) => ({ name, shape })) } : {};
    printJson({ ...model, ...listed });
    return;
  }
  process.stdout.write(`${printable(ref)}\n${table(infoRows(model))}`);
  if (options.sites) {
    process.stdout.write(`\nSites, with their shapes for one picture or text:\n${table(siteRows(sites))}`);
  }
}

async function generatorInfo(ref: string, options: GlobalOptions & { readonly sites?: true }): Promise<void> {
  const { generator, noise, metadata } = await loadGenerator(ref);
  await using owned = generator;
  const { architecture, use } = owned.parts;
  const sites = options.sites ? [...owned.siteShapes()] : [];
  if (options.json) {
    const listed = options.sites ? { sites: sites.map(([name, shape]) => ({ name, shape })) } : {};
    printJson({ ref, kind: GENERATOR, ...architecture, noise, modes: owned.modes, use, metadata, ...listed });
    return;
  }
  const { size, channels, width } = architecture;
  const rows = [
    ["kind", "idempotent generator"],
    ["pictures", `${size} × ${size} × ${channels}, from -1 to 1`],
    ["width", `${width} channels in the first layer`],
    ["noise", noise],
    ["modes", `${owned.modes.join(", ")}; ${use.noise} for noise, ${use.pictures} for pictures`],
    ...Object.entries(metadata).map(([name, text]) => [name, printable(text)]),
  ];
  process.stdout.write(`${printable(ref)}\n${table(rows)}`);
  if (options.sites) process.stdout.write(`\nSites, with their shapes for one picture:\n${table(siteRows(sites))}`);
}

/** Throws the hub's errors. */
export async function pullModel(id: string, { revision, json }: RevisionOptions): Promise<void> {
  const { folder, commit, files } = await fetchSnapshot(id, {
    select: selectModelFiles,
    ...(revision === undefined ? {} : { revision }),
    ...downloadProgress(),
  });
  const listed = await Promise.all(files.map(async (path) => ({ path, bytes: (await stat(join(folder, path))).size })));
  if (json) printJson({ id, commit, folder, files: listed });
  else {
    const rows = listed.map(({ path, bytes }) => [path, size(bytes)]);
    process.stdout.write(
      `${id} @ ${commit}\n${table(rows)}In ${printable(folder)}, every file verified by its hash.\n`,
    );
  }
}

/** Exits with 1 when a file is damaged or missing. Throws `NotCachedError`, `HubRepoIdError`. */
export async function verifyModel(id: string, { revision, json }: RevisionOptions): Promise<void> {
  const { folder, commit, files } = await verifySnapshot(id, revision === undefined ? {} : { revision });
  const damaged = files.filter(({ status }) => status === "corrupt" || status === "missing");
  if (json) printJson({ id, commit, folder, ok: damaged.length === 0, files });
  else process.stdout.write(`${id} @ ${commit}\n${table(files.map(({ path, status }) => [path, VERDICTS[status]]))}`);
  if (damaged.length === 0) return;
  const names = damaged.map(({ path }) => printable(path)).join(", ");
  process.stderr.write(
    `vitrine: damaged files in the hub cache: ${folder}: got ${names}; delete them, then run \`vitrine models pull ${id}\`\n`,
  );
  process.exitCode = EXIT_FAILED;
}

const VERDICTS = {
  ok: "ok",
  corrupt: "DAMAGED: its content is not what its hash promises",
  missing: "MISSING: the link leads nowhere",
  unknown: "not checked: no hash is known",
} as const;

const FAMILIES: Readonly<Record<string, RandomFamily>> = {
  "tiny-dino": "vit",
  "tiny-dinov2": "dinov2",
  "tiny-siglip": "siglip",
};

/** Throws `UsageError` for an unknown architecture, `OutputExistsError`, `DiskFullError`, `FileUnwritableError`. */
export async function randomModel({ out, arch, seed, json }: RandomOptions): Promise<void> {
  const architectures: Readonly<Record<string, Architecture>> = { tiny: TINY, ...ARCHITECTURES };
  const architecture = Object.hasOwn(architectures, arch) ? architectures[arch] : undefined;
  const family = Object.hasOwn(FAMILIES, arch) ? FAMILIES[arch] : undefined;
  const speaking = Object.hasOwn(SPEAKING, arch) ? SPEAKING[arch] : undefined;
  if (architecture === undefined && family === undefined && speaking === undefined) {
    const known = [architectures, FAMILIES, SPEAKING].flatMap((some) => Object.keys(some));
    const expected = known.join(", ");
    throw new UsageError({ what: "unknown architecture", where: "--arch", got: `"${arch}"`, expected });
  }
  const files = ["open_clip_model.safetensors", "model.safetensors"].map((name) => join(out, name));
  const there = files.find((file) => existsSync(file));
  if (there !== undefined) {
    const fix = "choose another --out, or delete it first";
    throw new OutputExistsError({ what: "the folder holds a checkpoint already", where: out, got: there, fix });
  }
  if (speaking !== undefined) await speaking(out, seed);
  else if (architecture !== undefined) await writeRandomCheckpoint(out, architecture, { seed, activation: "gelu" });
  else await writeRandomFamily(out, family!, { ...TINY_SIZES, registers: 4 }, { seed });
  const { size: bytes } = await stat(files.find((file) => existsSync(file))!);
  if (json) printJson({ arch, seed, folder: out, bytes });
  else process.stdout.write(`Wrote ${arch} with random weights (seed ${seed}, ${size(bytes)}) to ${printable(out)}.\n`);
}

/** Models that describe pictures. */
const SPEAKING: Readonly<Record<string, (folder: string, seed: number) => Promise<void>>> = {
  // Its tower is that of the zoo's random CLIP.
  "tiny-llava": (folder, seed) => writeRandomVlm(folder, TINY_VLM, { seed }),
  "tiny-instructblip": (folder, seed) => writeRandomInstructBlip(folder, TINY_INSTRUCTBLIP, { seed }),
};

function infoRows(model: ModelDescription): string[][] {
  const { vision, text, preprocessing, files } = model;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const patches = `${vision.imageSize} × ${vision.imageSize} pixels, ${vision.grid} × ${vision.grid} patches of ${vision.patchSize}`;
  const bias = model.logitBias === undefined ? "" : `, plus ${model.logitBias.toFixed(2)},`;
  const shared = `${model.features} numbers, cosines times ${model.logitScale.toFixed(2)}${bias} are logits`;
  const registers = vision.registers === 0 ? "" : `, ${vision.registers} registers`;
  const read = POOLING[vision.pooling];
  const parameters = vision.parameters + (text?.parameters ?? 0);
  return [
    ["place", `${model.path} (${model.origin})`],
    ...(model.commit === undefined ? [] : [["commit", model.commit]]),
    [
      "weights",
      `${model.layout} layout, ${model.dtypes.join(" and ")}, ${count(parameters)} parameters, ${size(bytes)}`,
    ],
    ...files.map(({ path, bytes: one }) => ["", `${path} (${size(one)})`]),
    ["kind", KINDS[model.family]],
    ["vision tower", `${towerLine(vision)}, ${patches}${registers}`],
    ["read from", read],
    [
      "text tower",
      text === undefined ? "none" : `${towerLine(text)}, ${text.contextLength} tokens of ${text.vocabulary}`,
    ],
    text === undefined ? ["features", `${model.features} numbers`] : ["shared space", shared],
    ["activation", `${vision.activation}, according to ${model.activationFrom}`],
    ["preprocessing", describePreprocessing({ imageSize: vision.imageSize, ...preprocessing })],
    ["tokenizer", model.tokenizer ? "tokenizer.json" : "none: texts cannot be encoded"],
  ];
}

const POOLING: Readonly<Record<ModelDescription["vision"]["pooling"], string>> = {
  class: "the class token",
  attention: "attention to all tokens, and an MLP beside it",
  mean: "the mean of all tokens: the tower was stored without its pool",
};

const KINDS: Readonly<Record<ModelDescription["family"], string>> = {
  clip: "CLIP",
  siglip: "SigLIP",
  vit: "vision transformer without texts, such as DINO",
  dinov2: "DINOv2: vision transformer without texts, with LayerScale",
};

function towerLine({ layers, heads, width, parameters }: TowerDescription): string {
  return `${layers} layers × ${heads} heads, width ${width}, ${count(parameters)} parameters`;
}

/** The blocks of a tower are alike, so that one row stands for the same site of all of them. */
function siteRows(sites: readonly (readonly [name: string, shape: readonly number[]])[]): string[][] {
  const rows = new Map<string, string[]>();
  const blocks = new Map<string, number>();
  for (const [name, shape] of sites) {
    const [, tower, block] = /^(\w+)\.blocks\.(\d+)\./.exec(name) ?? [];
    if (tower !== undefined) blocks.set(tower, Number(block));
    rows.set(name.replace(/\.blocks\.\d+\./, ".blocks.*."), [name, showShape(shape)]);
  }
  return [...rows].map(([pattern, [, shape]]) => {
    const last = blocks.get(pattern.split(".", 1)[0]!);
    return [pattern, shape!, pattern.includes("*") ? `* is 0 to ${last!}` : ""];
  });
}

/** Rows of cells in aligned columns, indented. */
function table(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(printable));
  const widths = safe.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, columnsOf(cell))), []);
  return safe.map((row) => `  ${row.map((cell, i) => padEnd(cell, widths[i]!)).join("  ")}`.trimEnd() + "\n").join("");
}

function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

const size = (bytes: number): string => `${megabytes(bytes)} MB`;
const count = (n: number): string => (n < 1e6 ? n.toLocaleString("en") : `${(n / 1e6).toFixed(1)} M`);
