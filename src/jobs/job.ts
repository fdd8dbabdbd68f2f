/**
 * Jobs: what the workbench asks for, the same in a browser's worker and on a server.
 *
 * @file A job checks its parameters, calls methods and gives plain results. It knows neither files nor network: models and pictures
 * come from its context. Results hold numbers, texts, lists, objects and tensors, nothing else, so that they can be sent.
 */
import type { z } from "zod";
import type { RgbImage } from "../engine/media/image.js";
import type { Clip } from "../models/clip/clip.js";
import type { LoadedGenerator } from "../models/idempotent/assemble.js";
import type { VisionLanguageModel } from "../models/vlm/vision-language-model.js";
import type { PictureRef } from "./picture-ref.js";

/** How far a job has come; `total` is absent where it is not known. */
export interface Progress {
  /** What is done now, for people: "downloading clip-scenes". */
  readonly stage: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: "bytes" | "pictures" | "steps";
}

export interface JobControl {
  /** Aborted when nobody waits for the result any more; jobs look between steps. */
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}

export type ModelKind = "clip" | "vlm" | "generator";

/** A model that can be asked for. */
export interface ModelEntry {
  /** What jobs call it by. */
  readonly ref: string;
  readonly summary: string;
  /** Bytes of its files. */
  readonly size: number;
  /** Whether it compares pictures with texts, describes pictures or makes them. */
  readonly kind: ModelKind;
}

/** Models, loaded when first used and kept. */
export interface Models {
  list(): Promise<readonly ModelEntry[]>;
  /** Throws `VitrineError`s for a model that is not there or cannot be loaded. */
  open(ref: string, control: JobControl): Promise<OpenModel>;
  /** The same of a model that makes pictures. */
  openGenerator(ref: string, control: JobControl): Promise<OpenGenerator>;
}

/** Disposed of by who opened it, never by a job. */
export interface OpenGenerator extends LoadedGenerator {
  /** SHA-256 of its weights, in hex. */
  readonly digest: string;
}

export interface OpenModel {
  /** What sees: the model itself, or the vision tower of one that describes pictures. Disposed of by who opened it, never by a job. */
  readonly clip: Clip;
  /** A model that describes pictures, whose tower `clip` is. */
  readonly vlm?: VisionLanguageModel;
  /** SHA-256 of the model's own weights, in hex; a tower that lies elsewhere is not among them. */
  readonly digest: string;
}

export interface PictureInfo {
  /** SHA-256 of the file's bytes, in hex. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** Pictures that were handed over before, by their ids. */
export interface Pictures {
  /** Checks and decodes. Throws the errors of `image-errors.ts`. */
  add(bytes: Uint8Array): Promise<PictureInfo>;
  /** Throws {@link UnknownPictureError}. */
  get(id: string): Promise<RgbImage>;
}

export interface JobContext {
  readonly models: Models;
  readonly pictures: Pictures;
  /** Kept for as long as the context lives: what is costly and asked for again, such as the words of a model's heads. */
  readonly kept: Map<string, unknown>;
}

export interface Job<P extends z.ZodType, R> {
  /** One sentence, for the API's document. */
  readonly summary: string;
  readonly params: P;
  run(context: JobContext, params: z.output<P>, control: JobControl): Promise<R>;
}

/** Declares a job, its types read off. */
export const job = <P extends z.ZodType, R>(declared: Job<P, R>): Job<P, R> => declared;

export type { PictureRef };
