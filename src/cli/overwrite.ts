import { existsSync } from "node:fs";
import { OutputExistsError } from "./errors.js";

/** Throws {@link OutputExistsError} when the file is there, unless `force` is given. */
export function refuseToOverwrite(file: string, force: boolean | undefined): void {
  if (force || !existsSync(file)) return;
  const fix = "choose another --out, or pass --force to overwrite it";
  throw new OutputExistsError({ what: "the file is there already", where: file, fix });
}
