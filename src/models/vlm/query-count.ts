import { z } from "zod";
import type { ClipFiles } from "../clip/assemble.js";
import { size } from "../clip/config-file.js";
import { ImageTokenCountError } from "./errors.js";
import { jsonBeside } from "./json-beside.js";

/** Processors of before 2024 do not say it. */
const processor = z.looseObject({ num_query_tokens: size.nullish() });

/** Throws {@link ImageTokenCountError} where the weights have another number of queries than the files say. */
export async function checkQueryCount(files: ClipFiles, found: number, configured: number): Promise<void> {
  const { num_query_tokens: processed } = await jsonBeside(files, "processor_config.json", processor);
  for (const [name, count] of Object.entries({ "config.json": configured, "processor_config.json": processed })) {
    if (count == null || count === found) continue;
    throw new ImageTokenCountError({
      what: "the model has another number of image tokens than its configuration says",
      where: `${files.folder}/${name}: num_query_tokens`,
      got: String(count),
      expected: `${found}, as the weights have`,
      fix: "get both from one page",
    });
  }
}
