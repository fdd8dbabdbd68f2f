/** The files that CHAIR reads: captions (JSON lines), truth and synonyms (JSON). */
import { z } from "zod";
import type { Caption, ObjectTruth } from "../../methods/captions/chair.js";
import { EmptyCaptionError } from "../../methods/captions/errors.js";
import type { ObjectTable } from "../../methods/captions/object-words.js";
import { parsedJson, readText } from "./json-files.js";

const captionSchema = z.object({
  image_id: z.union([z.number().int(), z.string()]).transform(String),
  caption: z.string(),
});
const truthSchema = z.record(z.string(), z.array(z.string()));
const synonymsSchema = z.object({
  objects: z.record(z.string(), z.array(z.string())),
  double_words: z.record(z.string(), z.string()).default({}),
});

/** One caption a line: `{"image_id": 1, "caption": "…"}`. Empty lines are passed over. */
export async function readCaptions(path: string): Promise<Caption[]> {
  const lines = (await readText(path, "captions")).split(/\r?\n/);
  return lines.flatMap((line, i) => {
    if (line.trim() === "") return [];
    const { image_id, caption } = parsed(line, captionSchema, `${path}, line ${i + 1}`, CAPTION);
    if (caption.trim() === "") {
      throw new EmptyCaptionError({
        what: "a caption without a word: nothing can be said of what it names",
        where: `${path}, line ${i + 1}`,
        got: JSON.stringify(caption),
        expected: CAPTION,
        fix: "leave the line out, or caption the picture again",
      });
    }
    return [{ imageId: image_id, caption }];
  });
}

/** `{"1": ["person", "dog"]}`: for each picture the objects in it. */
export async function readTruth(path: string): Promise<ObjectTruth> {
  const truth = parsed(await readText(path, "objects of pictures"), truthSchema, path, TRUTH);
  return new Map(Object.entries(truth).map(([id, objects]) => [id, new Set(objects)]));
}

/** `{"objects": {"person": ["person", "man"]}, "double_words": {"hot dog": "hot dog"}}`. */
export async function readSynonyms(path: string): Promise<ObjectTable> {
  const { objects, double_words } = parsed(await readText(path, "synonyms"), synonymsSchema, path, SYNONYMS);
  return { objects, doubleWords: double_words };
}

const CAPTION = '{"image_id": 1, "caption": "A dog on a sofa."}';
const TRUTH = '{"1": ["dog", "couch"]}, for each picture the objects in it';
const SYNONYMS = '{"objects": {"dog": ["dog", "puppy"]}, "double_words": {"baby dog": "dog"}}';

function parsed<T>(content: string, schema: z.ZodType<T>, where: string, expected: string): T {
  return parsedJson(content, schema, { what: "a file for CHAIR is not as it should be", where, expected });
}
