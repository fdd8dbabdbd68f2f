import { z } from "zod";
import type { ClipFiles } from "../clip/assemble.js";
import { parseConfig, size, unreadable } from "../clip/config-file.js";
import { ImageTokenCountError } from "./errors.js";

const processor = z.looseObject({ num_query_tokens: size.nullish() });

/** Throws {@link ImageTokenCountError} where the weights have another number of queries than the files say. */
export async function checkQueryCount({ folder, read }: ClipFiles, found: number, configured: number): Promise<void> {
  const path = `${folder}/processor_config.json`;
  const text = await read("processor_config.json");
  const said: [where: string, count: number][] = [[`${folder}/config.json`, configured]];
  if (text !== undefined) {
    // Processors of before 2024 do not say it.
    const count = parseConfig({ path, json: parsed(path, text) }, processor).num_query_tokens;
    if (count != null) said.push([path, count]);
  }
  for (const [where, count] of said) {
    if (count === found) continue;
    throw new ImageTokenCountError({
      what: "the model has another number of image tokens than its configuration says",
      where: `${where}: num_query_tokens`,
      got: String(count),
      expected: `${found}, as the weights have`,
      fix: "get both from one page",
    });
  }
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw unreadable(path, "processor_config.json", error);
  }
}
