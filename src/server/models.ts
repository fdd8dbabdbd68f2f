/** Models that the server offers, opened when a job first asks for one. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Device } from "../engine/runtime/session.js";
import { UnknownModelError } from "../jobs/errors.js";
import type { JobControl, ModelEntry, Models, OpenModel } from "../jobs/index.js";
import { share, type SharedWork } from "../jobs/shared-work.js";
import type { Clip } from "../models/clip/clip.js";
import type { LoadOptions } from "../models/clip/load.js";
import { readLayers } from "../models/clip/readout.js";
import type { HubAccess } from "../models/locate.js";
import { loadClipOrVlm } from "../models/vlm/load.js";
import { VisionLanguageModel } from "../models/vlm/vision-language-model.js";

export interface OfferedModels {
  /** References as `loadClip` and `loadVlm` take them. Nothing else is ever opened: a page must not make the server read files or the network. */
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
  readonly #open = new Map<string, SharedWork<OpenModel>>();

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

  /** Throws {@link UnknownModelError}, and what `loadClip` throws. */
  open(ref: string, control: JobControl): Promise<OpenModel> {
    if (!this.#entries.has(ref)) {
      throw new UnknownModelError(ref, [...this.#entries.keys()], "start the server with --model for others");
    }
    const opened = this.#open.get(ref);
    if (opened !== undefined) {
      this.#open.delete(ref);
      this.#open.set(ref, opened);
    }
    return share(this.#open, ref, control, (shared) => this.#load(ref, shared));
  }

  /** Disposes of models past the number kept, those used longest ago first. To be called while no job runs. */
  async rest(keep = this.#maxOpen): Promise<void> {
    const surplus = [...this.#open].slice(0, Math.max(0, this.#open.size - keep));
    for (const [ref, opened] of surplus) {
      this.#open.delete(ref);
      await opened.result.then(
        // A model that describes pictures takes its tower with it.
        ({ clip, vlm }) => (vlm ?? clip).dispose(),
        () => undefined,
      );
    }
  }

  async #load(ref: string, control: JobControl): Promise<OpenModel> {
    const model = await loadClipOrVlm(ref, this.#options);
    const digest = await digestOf(model, control);
    return model instanceof VisionLanguageModel
      ? { clip: model.parts.tower, vlm: model, digest }
      : { clip: model, digest };
  }
}

async function entryOf(ref: string, options: LoadOptions): Promise<ModelEntry> {
  await using model = await loadClipOrVlm(ref, options);
  const size = filesOf(model).reduce((sum, file) => sum + file.size, 0);
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

/** The model's own weights. */
const filesOf = (model: Clip | VisionLanguageModel): Clip["parts"]["source"]["files"] =>
  model instanceof VisionLanguageModel ? model.parts.files : model.parts.source.files;

const KINDS: Readonly<Record<Clip["parts"]["source"]["family"], string>> = {
  clip: "CLIP",
  siglip: "SigLIP",
  vit: "vision transformer",
  dinov2: "DINOv2",
};

/** SHA-256 of the contents of the weights' files, one after another. */
async function digestOf(model: Clip | VisionLanguageModel, control: JobControl): Promise<string> {
  const digest = createHash("sha256");
  const files = filesOf(model);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let done = 0;
  for (const { path } of files) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal: control.signal })) {
      digest.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      control.progress({ stage: `reading ${model.parts.ref}`, done, total, unit: "bytes" });
    }
  }
  return digest.digest("hex");
}
