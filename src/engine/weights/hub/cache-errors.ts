/** What can be wrong with a request, with what was received, or with the cache on disk. */

import { EXIT_USAGE, VitrineError } from "../../errors.js";
import { DiskFullError } from "../errors.js";
import { PassingHubError, showWanted, type Wanted } from "./answer-errors.js";

export class HubRepoIdError extends VitrineError {
  readonly code = "hub-repo-id";
  override readonly exitCode = EXIT_USAGE;

  constructor(got: string, why: string) {
    super({
      what: `not a repository id: ${why}`,
      got: JSON.stringify(got),
      expected: "org/name or org/name@revision, as in openai/clip-vit-base-patch16",
      fix: "a folder is given as a path that exists, such as ./name",
    });
  }
}

export class HubEndpointError extends VitrineError {
  readonly code = "hub-endpoint";
  override readonly exitCode = EXIT_USAGE;

  /** `shown` must be free of user names and passwords. */
  constructor(why: string, shown?: string) {
    super({
      what: `HF_ENDPOINT is unusable: ${why}`,
      ...(shown !== undefined && { got: JSON.stringify(shown) }),
      expected: "an http(s) address such as https://huggingface.co",
    });
  }
}

/** The token holds characters that no HTTP header may hold. */
export class HubTokenMalformedError extends VitrineError {
  readonly code = "hub-token-malformed";
  override readonly exitCode = EXIT_USAGE;

  constructor(source: string) {
    super({
      what: "the access token holds spaces, line breaks or characters outside ASCII",
      where: source,
      fix: "copy the token again; it is one word that begins with hf_",
    });
  }
}

/** A name that would be written outside the snapshot folder, or that means another file on another system. */
export class UnsafeFileNameError extends VitrineError {
  readonly code = "hub-unsafe-file-name";

  constructor(wanted: Wanted, name: string) {
    super({
      what: "the repository names a file that would not stay in its snapshot folder",
      where: showWanted(wanted),
      got: JSON.stringify(name.slice(0, 200)),
      expected: 'a relative path without "..", "\\", ":" and control characters',
      fix: "do not use this repository; report it to its hub",
    });
  }
}

/** The right size was received twice, and twice the wrong content. */
export class HashMismatchError extends VitrineError {
  readonly code = "hub-hash-mismatch";

  constructor(wanted: Wanted, got: string, expected: string) {
    super({
      what: "the downloaded content is not what the hub promised, also at the second try; it was deleted",
      where: showWanted(wanted),
      got,
      expected,
      fix: "something between you and the hub alters files: try another network or HF_ENDPOINT",
    });
  }
}

/** The server ends a file, or announces its end, at another byte than the hub's listing; still so after the last try. */
export class SizeMismatchError extends PassingHubError {
  readonly code = "hub-size-mismatch";

  constructor(wanted: Wanted, got: string, expected: number) {
    super({
      what: "the server sends a file of another size than the hub promised",
      where: showWanted(wanted),
      got,
      expected: `${expected} bytes`,
      fix: "something between you and the hub alters or cuts files: try another network or HF_ENDPOINT",
    });
  }
}

/** A file of the cache does not have the content that its hash promises. */
export class CachedFileCorruptError extends VitrineError {
  readonly code = "hub-cache-corrupt";
  /** The file to delete; links resolved. */
  readonly file: string;

  constructor(file: string, got: string, expected: string) {
    super({
      what: "a file in the hub cache is damaged",
      where: file,
      got,
      expected,
      fix: "delete that file and run again",
    });
    this.file = file;
  }
}

/** What is wanted is not in the cache, and the network may not be asked. */
export class NotCachedError extends VitrineError {
  readonly code = "hub-not-cached";

  constructor(wanted: Wanted, missing: string, cacheDir: string) {
    super({
      what: `offline, and the cache lacks ${missing}`,
      where: `${showWanted(wanted)} in ${cacheDir}`,
      fix: "run once with the network (without --offline and HF_HUB_OFFLINE), or give a folder that holds the model's files",
    });
  }
}

export class NoModelFilesError extends VitrineError {
  readonly code = "hub-no-model-files";
  /** What would have made the files usable. */
  readonly missing: string;

  constructor(missing: string, found: readonly string[]) {
    const more = found.length > 8 ? `, and ${found.length - 8} more` : "";
    super({
      what: `the repository holds no model that can be read: it has no ${missing}`,
      got: found.length === 0 ? "no files" : found.slice(0, 8).join(", ") + more,
      expected: "config.json with model.safetensors, or open_clip_config.json with open_clip_model.safetensors",
      fix: "choose a repository that holds weights in the Transformers or OpenCLIP layout",
    });
    this.missing = missing;
  }
}

export class ShardIndexError extends VitrineError {
  readonly code = "hub-shard-index";

  constructor(file: string, got: string, cause?: unknown) {
    super({
      what: "the index of the weight files is not readable",
      where: file,
      got,
      expected: '{"weight_map": {"tensor name": "file name", …}}',
      ...(cause !== undefined && { cause }),
    });
  }
}

/** A full disk below the cache: unlike other writes, a download keeps what it has for the next try. */
export function cacheDiskFull(folder: string, got: string, cause?: unknown): DiskFullError {
  const fix =
    "free some space, or set HF_HUB_CACHE to a folder on another disk; what was received is kept and taken up again";
  return new DiskFullError({
    what: "the disk is full",
    where: folder,
    got,
    fix,
    ...(cause !== undefined && { cause }),
  });
}

export class CacheNotWritableError extends VitrineError {
  readonly code = "hub-cache-not-writable";

  constructor(folder: string, cause: NodeJS.ErrnoException) {
    super({
      what: "the hub cache cannot be written",
      where: folder,
      got: cause.code ?? cause.message,
      fix: "give yourself write access to it, or set HF_HUB_CACHE to a folder of yours",
      cause,
    });
  }
}

const FULL = new Set(["ENOSPC", "EDQUOT"]);
const NOT_WRITABLE = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EISDIR", "ELOOP", "ENAMETOOLONG"]);

/** The typed error for a failed write below `folder`, or the failure itself when it is none of the user's making. */
export function writeFailure(error: unknown, folder: string): unknown {
  const failure = error as NodeJS.ErrnoException;
  if (FULL.has(failure.code ?? "")) return cacheDiskFull(folder, `${failure.code} while writing`, error);
  return NOT_WRITABLE.has(failure.code ?? "") ? new CacheNotWritableError(folder, failure) : error;
}
