import type { z } from "zod";
import type { ClipFiles } from "../clip/assemble.js";
import { parseConfig, unreadable } from "../clip/config-file.js";

/** What a JSON file beside the weights says; an absent one says nothing. Throws `ModelConfigError`. */
export async function jsonBeside<T>({ folder, read }: ClipFiles, name: string, schema: z.ZodType<T>): Promise<T> {
  const path = `${folder}/${name}`;
  const text = (await read(name)) ?? "{}";
  try {
    return parseConfig({ path, json: JSON.parse(text) as unknown }, schema);
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(path, name, error);
    throw error;
  }
}
