import { z } from "zod";
import { dot } from "../engine/tensor/rows.js";
import type { FloatTensor } from "../engine/tensor/tensor.js";
import { headRowParts } from "../methods/decompose/head-rows.js";
import { HeadSpace, type Query } from "../methods/decompose/head-space.js";
import { type Neighbour, nearestRows, SIMILARITIES } from "../methods/decompose/retrieval.js";
import { type SharedValues, sharedValues, valuesOf } from "../methods/decompose/shared-values.js";
import { fullCaption, type Scene, valuesSaid } from "../worlds/scenes/index.js";
import { job, type JobContext, type JobControl, type OpenModel } from "./job.js";
import { keepFew } from "./keep-few.js";
import { kept } from "./kept.js";
import { modelRef } from "./model-info.js";
import { pictureId, type PictureRef, pictureRef } from "./picture-ref.js";
import { pictureRows, rowLayout } from "./picture-rows.js";
import { headSample, sampleParams } from "./sample.js";
import { directionsOf, oneText } from "./texts.js";

/** Pictures handed over, as one set. */
const pictureSet = z.array(pictureId).min(1).max(2_000);

const params = z.strictObject({
  model: modelRef,
  query: z.union([z.strictObject({ picture: pictureRef }), z.strictObject({ text: oneText })]),
  /** Of the last layers. */
  heads: z
    .array(z.strictObject({ layer: z.int().min(0).max(1000), head: z.int().min(0).max(1000) }))
    .min(1)
    .max(256),
  combine: z.enum(["each", "mean"]).default("each"),
  similarity: z.enum(SIMILARITIES).default("centred"),
  top: z.int().min(1).max(100).default(12),
  among: z.union([z.strictObject(sampleParams), z.strictObject({ pictures: pictureSet })]),
});

type Asked = z.output<typeof params>;

export interface FoundPicture {
  /** Of the set searched. */
  readonly index: number;
  readonly score: number;
  readonly ref: PictureRef;
  /** Of a scene. */
  readonly caption?: string;
}

export interface FoundPictures {
  /** Pictures searched. */
  readonly searched: number;
  /** The most alike as the chosen heads have it. */
  readonly heads: readonly FoundPicture[];
  /** As the whole representation has it: the control. */
  readonly whole: readonly FoundPicture[];
  /** What those found show of what was asked, by heads and by the whole; where scenes are searched for something known. */
  readonly shared?: readonly SharedValues[];
}

export const searchJob = job({
  summary: "Pictures of which chosen heads say the same as of a picture, or what a text says.",
  params,
  async run(context, asked, control): Promise<FoundPictures> {
    const open = await context.models.open(asked.model, control);
    const set = await searched(context, open, asked.among, control);
    const space = await spaceOf(context, open, asked);
    const query = await queriesOf(context, open, space, asked, control);
    const parts = headRowParts(set.rows, rowLayout(open));
    const find = (own: Query, rows: FloatTensor): FoundPicture[] =>
      nearestRows(own, rows, asked).map((found) => shown(found, set));
    const [heads, whole] = [find(query.heads, space.rows(parts)), find(query.whole, parts.features)];
    const shared = sharing(asked, [heads, whole], set.scenes);
    return { searched: parts.features.shape[0]!, heads, whole, ...(shared !== undefined && { shared }) };
  },
});

interface SearchedSet {
  /** [n,width], as `headRows` gives them. */
  readonly rows: Float32Array;
  readonly refs: readonly PictureRef[];
  readonly scenes?: readonly Scene[];
}

async function searched(
  context: JobContext,
  open: OpenModel,
  among: Asked["among"],
  control: JobControl,
): Promise<SearchedSet> {
  if ("pictures" in among) {
    const refs = among.pictures.map((picture) => ({ picture }));
    return { refs, rows: await pictureRows(context, open, refs, control) };
  }
  const { rows, scenes } = await headSample(context, open, among, control);
  return { rows, scenes, refs: scenes.map((scene) => ({ scene })) };
}

const SPACES = "head space ";

function spaceOf(context: JobContext, { clip, digest }: OpenModel, { heads, combine }: Asked): Promise<HeadSpace> {
  const names = heads.map(({ layer, head }) => `${layer}.${head}`).join(" ");
  keepFew(context, SPACES, 30);
  return kept(context, `${SPACES}${digest} ${combine} ${names}`, () => HeadSpace.of(clip, heads, combine));
}

async function queriesOf(
  context: JobContext,
  open: OpenModel,
  space: HeadSpace,
  { query }: Asked,
  control: JobControl,
): Promise<{ readonly heads: Query; readonly whole: Query }> {
  if ("text" in query) {
    const { data } = await directionsOf(context, open, [query.text], "none");
    return { heads: space.textQuery(data), whole: { kind: "text", row: data, length: Math.sqrt(dot(data, data)) } };
  }
  const parts = headRowParts(await pictureRows(context, open, [query.picture], control), rowLayout(open));
  const { data } = parts.features;
  return {
    heads: space.imageQuery(space.rows(parts)),
    whole: { kind: "image", row: data, length: Math.sqrt(dot(data, data)) },
  };
}

function shown({ index, score }: Neighbour, { refs, scenes }: SearchedSet): FoundPicture {
  const scene = scenes?.[index];
  return { index, score, ref: refs[index]!, ...(scene !== undefined && { caption: fullCaption(scene) }) };
}

function sharing(
  { query }: Asked,
  found: readonly (readonly FoundPicture[])[],
  scenes: readonly Scene[] | undefined,
): SharedValues[] | undefined {
  if (scenes === undefined) return undefined;
  const asked =
    "text" in query ? valuesSaid(query.text) : "scene" in query.picture ? valuesOf(query.picture.scene) : [];
  if (asked.length === 0) return undefined;
  const lists = found.map((list) => list.map(({ index }) => scenes[index]!));
  return sharedValues(asked, lists, scenes);
}

/** Reads pictures of a set before they are searched, some at a time, so that none need stay decoded. */
export const readPicturesJob = job({
  summary: "Reads pictures that are to be searched, and keeps what searches need of them.",
  params: z.strictObject({ model: modelRef, pictures: pictureSet }),
  async run(context, { model, pictures }, control): Promise<{ readonly read: number }> {
    const open = await context.models.open(model, control);
    const refs = pictures.map((picture) => ({ picture }));
    await pictureRows(context, open, refs, control);
    return { read: refs.length };
  },
});
