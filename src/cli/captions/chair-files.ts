/** The files that CHAIR reads: captions (JSON lines), truth and synonyms (JSON). */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { UsageError } from "../../engine/errors.js";
import { FileMissingError, FileUnreadableError } from "../../engine/weights/errors.js";
import type { Caption, ObjectTruth } from "../../methods/captions/chair.js";
import { EmptyCaptionError } from "../../methods/captions/errors.js";
import type { ObjectTable } from "../../methods/captions/object-words.js";

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
  const lines = (await text(path, "captions")).split(/\r?\n/);
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
  const truth = parsed(await text(path, "objects of pictures"), truthSchema, path, TRUTH);
  return new Map(Object.entries(truth).map(([id, objects]) => [id, new Set(objects)]));
}

/** `{"objects": {"person": ["person", "man"]}, "double_words": {"hot dog": "hot dog"}}`. */
export async function readSynonyms(path: string): Promise<ObjectTable> {
  const { objects, double_words } = parsed(await text(path, "synonyms"), synonymsSchema, path, SYNONYMS);
  return { objects, doubleWords: double_words };
}

const CAPTION = '{"image_id": 1, "caption": "A dog on a sofa."}';
const TRUTH = '{"1": ["dog", "couch"]}, for each picture the objects in it';
const SYNONYMS = '{"objects": {"dog": ["dog", "puppy"]}, "double_words": {"baby dog": "dog"}}';

async function text(path: string, of: string): Promise<string> {
  const content = await readFile(path, "utf8").catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code;
    const facts = { what: `cannot read the ${of}`, where: path, cause };
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new FileMissingError({ ...facts, got: "no such file", fix: "check the path" });
    }
    throw new FileUnreadableError({ ...facts, got: code ?? String(cause), fix: "pass a file" });
  });
  return content.replace(/^\ufeff/, "");
}

function parsed<T>(content: string, schema: z.ZodType<T>, where: string, expected: string): T {
  const refuse = (got: string, cause?: unknown): never => {
    throw new UsageError({ what: "a file for CHAIR is not as it should be", where, got, expected, cause });
  };
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    return refuse("no JSON", cause);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return refuse(`${issue!.path.length === 0 ? "" : `at ${issue!.path.join(".")}: `}${issue!.message}`);
}
