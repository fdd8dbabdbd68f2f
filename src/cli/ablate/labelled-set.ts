/** Pictures with what is true of them, and the classes that they are told among. */
import { basename, dirname, resolve } from "node:path";
import { UsageError } from "../../engine/errors.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { TemplateSet } from "../../methods/decompose/templates.js";
import { TEMPLATES } from "../../methods/decompose/templates.js";
import { zeroShotWeights } from "../../methods/decompose/zero-shot.js";
import { attributeClasses } from "../../methods/scene-classes.js";
import type { Clip } from "../../models/clip/clip.js";
import { type Attribute, sceneAt, type SceneOptions, valueOf } from "../../worlds/scenes/index.js";
import { checkTexts } from "../decompose/run.js";
import { type PictureSet, pictureSet, type PictureSetOptions } from "../pictures/picture-set.js";
import { sceneSource } from "../pictures/scene-source.js";
import { readTextPool } from "../text-pool.js";
import { type LabelledFile, readLabels } from "./label-file.js";

export interface LabelledSetOptions extends PictureSetOptions {
  readonly class?: readonly string[];
  readonly classes?: string;
  readonly templates: TemplateSet;
  readonly labels?: string;
  /** Of scenes: what is asked, and what pictures are grouped by. */
  readonly attribute?: Attribute;
  readonly group?: Attribute;
}

export interface LabelledSet extends PictureSet {
  readonly classes: readonly string[];
  /** [C,D], unit rows. */
  readonly directions: FloatTensor;
  /** Of each picture, its place among the classes. */
  readonly labels: readonly number[];
  readonly groups: readonly string[] | undefined;
}

const SINGLE: SceneOptions = { objects: [1, 1] };

/** Throws `UsageError` for classes and labels that do not fit each other, and what opening pictures throws. */
export async function labelledSet(
  clip: Clip,
  images: readonly string[],
  options: LabelledSetOptions,
): Promise<LabelledSet> {
  const { labels, pixels, attribute, group } = options;
  const table = labels === undefined ? undefined : await readLabels(labels);
  if (images.length === 0 && pixels === undefined && table === undefined) return scenes(clip, options);
  if (attribute !== undefined || group !== undefined) {
    refuse(
      "pictures are not scenes",
      "--attribute or --group-by",
      "--class and --labels, or folders named like classes",
    );
  }
  if (pixels !== undefined && table === undefined) {
    refuse(
      "nobody says what the pixels show",
      "--pixels without --labels",
      "--labels FILE, with rows such as name[0],class",
    );
  }
  const paths = images.length === 0 && pixels === undefined ? table!.map(({ path }) => path) : images;
  const set = await pictureSet(clip, paths, options);
  try {
    return { ...set, ...(await answers(clip, set.names, table, options)) };
  } catch (error) {
    // Nobody else knows of the threads that it may have.
    await set[Symbol.asyncDispose]();
    throw error;
  }
}

type Answers = Pick<LabelledSet, "classes" | "directions" | "labels" | "groups">;

async function answers(
  clip: Clip,
  names: readonly string[],
  table: readonly LabelledFile[] | undefined,
  options: LabelledSetOptions,
): Promise<Answers> {
  const truths = truthsOf(names, table, options.labels);
  const classes = await classNames(options, truths);
  const labels = truths.map(({ label }, i) => {
    const place = classes.indexOf(label);
    if (place >= 0) return place;
    const expected = classes.slice(0, 8).join(", ") + (classes.length > 8 ? ", …" : "");
    return refuse("a label that is no class", `"${label}" for ${names[i]!}`, expected);
  });
  const groups = table?.[0]?.group === undefined ? undefined : truths.map((truth) => truth.group!);
  return { classes, directions: await zeroShotWeights(clip, classes, TEMPLATES[options.templates]), labels, groups };
}

async function scenes(clip: Clip, options: LabelledSetOptions): Promise<LabelledSet> {
  const { scenes: count, seed, attribute = "shape", group } = options;
  if (options.class !== undefined || options.classes !== undefined) {
    refuse("scenes have classes of their own", "--class or --classes", "--attribute, or pictures");
  }
  const { values, directions } = await attributeClasses((texts) => clip.encodeText(texts), attribute);
  const all = Array.from({ length: count }, (_, i) => sceneAt(seed, i, SINGLE));
  return {
    ...sceneSource(clip, count, seed, SINGLE),
    title: `${count} scenes of one object (seed ${seed}), by ${attribute}`,
    classes: values,
    directions,
    labels: all.map((scene) => values.indexOf(valueOf(scene, attribute))),
    groups: group && all.map((scene) => valueOf(scene, group)),
  };
}

type Truth = Pick<LabelledFile, "label" | "group">;

/** By the table if there is one, else by the folder that a picture lies in. */
function truthsOf(names: readonly string[], table: readonly LabelledFile[] | undefined, path = ""): Truth[] {
  if (table === undefined) return names.map((name) => ({ label: basename(dirname(resolve(name))), group: undefined }));
  const known = new Map<string, Truth>();
  for (const row of table) known.set(row.file, row).set(row.path, row);
  return names.map((name) => {
    const found = known.get(resolve(name)) ?? known.get(name);
    return found ?? refuse("a picture without a label", name, `a row for it in ${path}`);
  });
}

/** As given; else the labels that there are, sorted. */
async function classNames(
  { class: named, classes: file }: LabelledSetOptions,
  truths: readonly Truth[],
): Promise<string[]> {
  if (named !== undefined && file !== undefined) refuse("classes given twice", "--class and --classes", "one of them");
  if (named !== undefined) checkTexts(named, "--class");
  const found = named ?? (file === undefined ? undefined : await readTextPool(file));
  const names = found?.map((name) => name.trim()) ?? [...new Set(truths.map(({ label }) => label))].sort();
  if (names.length < 2) refuse("nothing to tell apart", `only ${names.join("")}`, "2 classes or more");
  return names;
}

function refuse(what: string, got: string, expected: string): never {
  throw new UsageError({ what, got, expected });
}
