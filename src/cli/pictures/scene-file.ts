/** Scenes of the procedural world as files: what the workbench saves, and `scene` of `vitrine world scenes --json`. */
import { readFile } from "node:fs/promises";
import { UsageError } from "../../engine/errors.js";
import { ImageFileMissingError } from "../../engine/media/image-errors.js";
import { FileUnreadableError } from "../../engine/weights/errors.js";
import { sceneSchema } from "../../jobs/picture-ref.js";
import type { Scene } from "../../worlds/scenes/index.js";

/** Whether a picture's file is one of a scene. */
export const isSceneFile = (path: string): boolean => /\.json$/i.test(path);

/** Throws `UsageError` for a file that holds no scene, `ImageFileMissingError`, `FileUnreadableError`. */
export async function readSceneFile(path: string): Promise<Scene> {
  const content = await readFile(path, "utf8").catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    if (code === "ENOENT") throw new ImageFileMissingError(path);
    throw new FileUnreadableError({ what: "cannot read the scene", where: path, got: code, fix: "pass a file", cause });
  });
  const found = sceneSchema.safeParse(parsed(content));
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw new UsageError({
    what: "not a scene",
    where: path,
    got: issue === undefined ? "something else" : `${issue.path.join(".") || "the whole"}: ${issue.message}`,
    expected: "background, style, seed and objects as JSON",
    fix: "save it from the workbench's Scenes, or take a `scene` of `vitrine world scenes --json`",
  });
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
