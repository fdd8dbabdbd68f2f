/** Models that the server offers, opened when a job first asks for one. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Device } from "../engine/runtime/session.js";
import { checkMaker, UnknownModelError } from "../jobs/errors.js";
import type { JobControl, ModelEntry, Models, OpenGenerator, OpenModel } from "../jobs/index.js";
import { share, type SharedWork } from "../jobs/shared-work.js";
import type { Clip } from "../models/clip/clip.js";
import type { LoadOptions } from "../models/clip/load.js";
import { readLayers } from "../models/clip/readout.js";
import { holdsGenerator, loadGenerator } from "../models/idempotent/load.js";
import { generatorSummary } from "../models/idempotent/summary.js";
import type { HubAccess } from "../models/locate.js";
import { loadClipOrVlm } from "../models/vlm/load.js";
import { VisionLanguageModel } from "../models/vlm/vision-language-model.js";

export interface OfferedModels {
  /** References as `loadClip`, `loadVlm` and `loadGenerator` take them. Nothing else is ever opened: a page must not make the server read files or the network. */
  readonly refs: readonly string[];
  readonly device: Device;
  /** Models kept open between jobs. */
  readonly maxOpen: number;
  /** How models that are not on this machine yet are fetched, once, before the server answers. */
  readonly hub?: HubAccess;
}

export class ServedModels implements Models {
  readonly #entries: ReadonlyMap<string, ModelEntry>;
  readonly #options: LoadOptions;
  readonly #maxOpen: number;
  /** In the order of last use. */
  readonly #open = new Map<string, SharedWork<OpenModel | OpenGenerator>>();

  private constructor(entries: readonly ModelEntry[], { device, maxOpen, hub }: OfferedModels) {
    this.#entries = new Map(entries.map((entry) => [entry.ref, entry]));
    this.#options = { ...hub, device, offline: true };
    this.#maxOpen = maxOpen;
  }

  /** Looks at each model, fetching those that are not here. Throws what `loadClip` throws. */
  static async offering(offered: OfferedModels): Promise<ServedModels> {
    const entries: ModelEntry[] = [];
    for (const ref of new Set(offered.refs))
      entries.push(await entryOf(ref, { ...offered.hub, device: offered.device }));
    return new ServedModels(entries, offered);
  }

  list(): Promise<readonly ModelEntry[]> {
    return Promise.resolve([...this.#entries.values()]);
  }

  /** Throws {@link UnknownModelError}, `WrongFamilyError`, and what `loadClip` throws. */
  async open(ref: string, control: JobControl): Promise<OpenModel> {
    return (await this.#opened(ref, false, control)) as OpenModel;
  }

  /** Throws {@link UnknownModelError}, `WrongFamilyError`, and what `loadGenerator` throws. */
  async openGenerator(ref: string, control: JobControl): Promise<OpenGenerator> {
    return (await this.#opened(ref, true, control)) as OpenGenerator;
  }

  #opened(ref: string, makes: boolean, control: JobControl): Promise<OpenModel | OpenGenerator> {
    const entry = this.#entries.get(ref);
    if (entry === undefined) {
      const offered = [...this.#entries.values()].filter(({ kind }) => (kind === "generator") === makes);
      throw new UnknownModelError(
        ref,
        offered.map((one) => one.ref),
        "start the server with --model for others",
      );
    }
    checkMaker(entry, makes);
    const opened = this.#open.get(ref);
    if (opened !== undefined) {
      this.#open.delete(ref);
      this.#open.set(ref, opened);
    }
    return share(this.#open, ref, control, (shared) => (makes ? loadMaker(ref, shared) : this.#load(ref, shared)));
  }

  /** Disposes of models past the number kept, those used longest ago first. To be called while no job runs. */
  async rest(keep = this.#maxOpen): Promise<void> {
    const surplus = [...this.#open].slice(0, Math.max(0, this.#open.size - keep));
    for (const [ref, opened] of surplus) {
      this.#open.delete(ref);
      await opened.result.then(
        (open) => ownerOf(open).dispose(),
        () => undefined,
      );
    }
  }

  async #load(ref: string, control: JobControl): Promise<OpenModel> {
    const model = await loadClipOrVlm(ref, this.#options);
    const digest = await digestOf(model.parts.ref, filesOf(model), control);
    return model instanceof VisionLanguageModel
      ? { clip: model.parts.tower, vlm: model, digest }
      : { clip: model, digest };
  }
}

async function loadMaker(ref: string, control: JobControl): Promise<OpenGenerator> {
  const loaded = await loadGenerator(ref);
  return { ...loaded, digest: await digestOf(ref, loaded.files, control) };
}

/** A model that describes pictures takes its tower with it. */
const ownerOf = (open: OpenModel | OpenGenerator): { dispose(): Promise<void> } =>
  "generator" in open ? open.generator : (open.vlm ?? open.clip);

async function entryOf(ref: string, options: LoadOptions): Promise<ModelEntry> {
  if (await holdsGenerator(ref)) {
    const { generator, files, metadata } = await loadGenerator(ref);
    await using owned = generator;
    return {
      ref,
      summary: generatorSummary(owned.parts.architecture, metadata),
      size: sizeOf(files),
      kind: "generator",
    };
  }
  await using model = await loadClipOrVlm(ref, options);
  const size = sizeOf(filesOf(model));
  if (model instanceof VisionLanguageModel) {
    const { layers } = model.language.config;
    const summary = `Describes pictures; language model of ${layers} blocks over ${eyes(model.parts.tower)}`;
    return { ref, summary, size, kind: "vlm" };
  }
  return { ref, summary: eyes(model), size, kind: "clip" };
}

function eyes({ parts: { vision, source } }: Clip): string {
  const { heads, imageSize } = vision;
  return `${KINDS[source.family]}, ${readLayers(vision)} layers × ${heads} heads, pictures of ${imageSize} × ${imageSize}`;
}

type Files = Clip["parts"]["source"]["files"];

const sizeOf = (files: Files): number => files.reduce((sum, { size }) => sum + size, 0);

/** The model's own weights. */
const filesOf = (model: Clip | VisionLanguageModel): Files =>
  model instanceof VisionLanguageModel ? model.parts.files : model.parts.source.files;

const KINDS: Readonly<Record<Clip["parts"]["source"]["family"], string>> = {
  clip: "CLIP",
  siglip: "SigLIP",
  vit: "vision transformer",
  dinov2: "DINOv2",
};

/** SHA-256 of the contents of the weights' files, one after another. */
async function digestOf(ref: string, files: Files, control: JobControl): Promise<string> {
  const digest = createHash("sha256");
  const total = sizeOf(files);
  let done = 0;
  for (const { path } of files) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal: control.signal })) {
      digest.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      control.progress({ stage: `reading ${ref}`, done, total, unit: "bytes" });
    }
  }
  return digest.digest("hex");
}
