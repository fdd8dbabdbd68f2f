/** The texts that heads are described with, and the properties that texts speak of. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { UsageError } from "../../engine/errors.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { type Assignment, assignByNearness, assignByWords, type Property } from "../../methods/interpret/properties.js";
import { GENERAL_PROPERTIES } from "../../methods/interpret/general-properties.js";
import type { Clip } from "../../models/clip/clip.js";
import { balancedPool, SCENE_PROPERTIES } from "../../methods/interpret/scene-lexicon.js";
import { readTextPool } from "../text-pool.js";

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

/**
 * Without a pool of one's own: descriptions of scenes that speak of one property each, assigned by their words. Throws
 * `UsageError` for files that hold no texts or no properties.
 */
export async function readLexicon({ pool, properties, assign }: LexiconOptions): Promise<Lexicon> {
  const known = properties ?? (pool === undefined ? "scenes" : "general");
  const listed =
    known === "scenes" ? SCENE_PROPERTIES : known === "general" ? GENERAL_PROPERTIES : await readProperties(known);
  const how = assign ?? (known === "scenes" ? "words" : "nearness");
  const texts = pool === undefined ? [...balancedPool(0).texts] : await readTextPool(pool);
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
