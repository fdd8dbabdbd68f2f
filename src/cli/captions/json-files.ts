/** Reads files of JSON that evaluations take. */
import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { UsageError } from "../../engine/errors.js";
import { FileMissingError, FileUnreadableError } from "../../engine/weights/errors.js";

/** Throws `FileMissingError`, `FileUnreadableError`. */
export async function readText(path: string, of: string): Promise<string> {
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

/** Throws `UsageError` with these facts for what is no JSON, or not as the schema wants it. */
export function parsedJson<T>(
  content: string,
  schema: z.ZodType<T>,
  facts: { readonly what: string; readonly where: string; readonly expected: string },
): T {
  const refuse = (got: string, cause?: unknown): never => {
    throw new UsageError({ ...facts, got, cause });
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
