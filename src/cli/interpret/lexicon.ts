/** The texts that heads are described with, and the properties that texts speak of. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { UsageError } from "../../engine/errors.js";
import { Random } from "../../engine/tensor/random.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import {
  type Assignment,
  assignByNearness,
  assignByWords,
  balancedRows,
  type Property,
} from "../../methods/interpret/properties.js";
import { GENERAL_PROPERTIES } from "../../methods/interpret/general-properties.js";
import type { Clip } from "../../models/clip/clip.js";
import { allDescriptions, ATTRIBUTE_WORDS } from "../../worlds/scenes/index.js";

export interface LexiconOptions {
  /** A file with one text a line; descriptions of scenes unless given. */
  readonly pool?: string;
  /** `scenes`, `general`, or a JSON file. */
  readonly properties?: string;
  /** Whether a text speaks of what its words say, or of the nearest word in the model's space. */
  readonly assign?: "words" | "nearness";
}

export interface Lexicon {
  readonly texts: readonly string[];
  readonly properties: readonly Property[];
  readonly assign: "words" | "nearness";
  /** For each text, where it does not depend on the model. */
  readonly assignments: readonly Assignment[] | undefined;
}

/** A lexicon in a model's space. */
export interface ModelLexicon {
  readonly texts: readonly string[];
  readonly assignments: readonly Assignment[];
  /** [M,D], unit rows. */
  readonly features: FloatTensor;
}

/** As many as the scarcest attributes of scenes have, so that no property is found because most texts speak of it. */
const TEXTS_PER_PROPERTY = 14;
const SCENES: readonly Property[] = Object.entries(ATTRIBUTE_WORDS).map(([name, words]) => ({ name, words }));

/**
 * Without a pool of one's own: descriptions of scenes that speak of one property each, assigned by their words. Throws
 * `UsageError` for files that hold no texts or no properties.
 */
export async function readLexicon({ pool, properties, assign }: LexiconOptions): Promise<Lexicon> {
  const known = properties ?? (pool === undefined ? "scenes" : "general");
  const listed = known === "scenes" ? SCENES : known === "general" ? GENERAL_PROPERTIES : await readProperties(known);
  const how = assign ?? (known === "scenes" ? "words" : "nearness");
  const texts = pool === undefined ? sceneTexts() : await readPool(pool);
  return {
    texts,
    properties: listed,
    assign: how,
    assignments: how === "words" ? assignByWords(texts, listed) : undefined,
  };
}

/** Encodes the texts, and the properties' words where nearness to them decides. */
export async function encodeLexicon(clip: Clip, { texts, properties, assignments }: Lexicon): Promise<ModelLexicon> {
  const features = normaliseRows(await clip.encodeText(texts));
  if (assignments !== undefined) return { texts, features, assignments };
  const words = await clip.encodeText(properties.flatMap(({ words: own }) => own));
  return { texts, features, assignments: assignByNearness(features, words, properties) };
}

function sceneTexts(): string[] {
  const all = allDescriptions();
  const rows = balancedRows(assignByWords(all, SCENES), TEXTS_PER_PROPERTY, new Random(0));
  return rows.map((row) => all[row]!);
}

async function readPool(path: string): Promise<string[]> {
  const lines = (await readText(path)).split(/\r?\n/).map((line) => line.trim());
  const texts = [...new Set(lines.filter((line) => line !== ""))];
  if (texts.length >= 2) return texts;
  throw new UsageError({
    what: "too few texts to describe heads with",
    where: path,
    got: texts.length === 0 ? "none" : "one",
    expected: "one text a line, at least two that differ",
  });
}

const propertyFile = z.record(z.string().min(1), z.array(z.string().min(1)).min(1));

async function readProperties(path: string): Promise<Property[]> {
  const unusable = (got: string): UsageError =>
    new UsageError({
      what: "unusable properties",
      where: path,
      got,
      expected: '`scenes`, `general`, or a JSON file such as {"colour": ["red", "blue"], "shape": ["round"]}',
    });
  let document: unknown;
  try {
    document = JSON.parse(await readText(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw unusable("a file that is not JSON");
    throw error;
  }
  const found = propertyFile.safeParse(document);
  if (!found.success || Object.keys(found.data).length === 0) throw unusable("a document of another form");
  return Object.entries(found.data).map(([name, words]) => ({ name, words }));
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    const got = (cause as NodeJS.ErrnoException).code ?? "an error";
    throw new UsageError({ what: "cannot read the file", where: path, got, fix: "check the path", cause });
  });
}
