/** Reads a checkpoint's configuration files from its folder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClipSettings, settingsBeside } from "./config.js";
import { unreadable } from "./config-file.js";
import type { Layout } from "./layouts.js";

const LARGEST_FILE = 10 * 1024 * 1024;

/** As `settingsBeside`, of files in `folder`. Throws `ModelConfigError`. */
export function readSettings(folder: string, layout: Layout): Promise<ClipSettings | undefined> {
  return settingsBeside(folder, layout, (name) => readConfigText(folder, name));
}

/** Throws `ModelConfigError` for a file that is there but cannot be read, or is too large for a configuration. */
export async function readConfigText(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name);
  try {
    const bytes = await readFile(path);
    if (bytes.length > LARGEST_FILE) throw new Error(`${bytes.length} bytes are too many for a configuration`);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadable(path, name, error);
  }
}
