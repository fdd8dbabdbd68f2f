/**
 * From a model reference to a place on this machine.
 *
 * A reference is the path of a checkpoint file or folder, the name of a model in `zoo/`, or the id of a repository on the
 * hub (`openai/clip-vit-base-patch16`, optionally with `@revision`).
 */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../engine/errors.js";
import type { SnapshotOptions } from "../engine/weights/hub/snapshot.js";

/** Folder of the checkpoints that come with the package. */
export const ZOO = fileURLToPath(new URL("../../zoo", import.meta.url));

export type HubAccess = Pick<
  SnapshotOptions,
  "revision" | "endpoint" | "token" | "cacheDir" | "offline" | "onProgress" | "onNotice" | "signal"
>;

export interface LocatedModel {
  /** A checkpoint file, or a folder laid out as on the hub. */
  readonly path: string;
  readonly origin: "path" | "zoo" | "hub";
  /** The commit of the hub's repository. */
  readonly commit?: string;
}

/** Finds a model, downloading it when `ref` is a hub id. Throws {@link UsageError} and the hub's errors. */
export async function locateModel(ref: string, hub: HubAccess = {}): Promise<LocatedModel> {
  if (await exists(ref)) return { path: ref, origin: "path" };
  const inZoo = join(ZOO, ref);
  if (/^[\w.-]+$/.test(ref) && (await exists(inZoo))) return { path: inZoo, origin: "zoo" };
  if (!/^[^/\\.~][^/\\]*\/[^/\\]+$/.test(ref)) {
    throw new UsageError({
      what: "no such model",
      got: `"${ref}"`,
      expected:
        "the path of a checkpoint, a name that `vitrine models list` shows, or a hub id such as openai/clip-vit-base-patch16",
      fix: "check the spelling",
    });
  }
  // Imported on use: the hub's client takes longer to load than a small model.
  const { selectModelFiles } = await import("../engine/weights/hub/select-model-files.js");
  const { fetchSnapshot } = await import("../engine/weights/hub/snapshot.js");
  const { folder, commit } = await fetchSnapshot(ref, { ...hub, select: selectModelFiles });
  return { path: folder, origin: "hub", commit };
}

/** Whether anything lies at `path`. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
