import { UnsafeFileNameError, HubRepoIdError } from "./cache-errors.js";
import type { Wanted } from "./answer-errors.js";

/** The limit of the hub itself. */
const MAX_ID_LENGTH = 96;

/**
 * Splits `org/name@revision`. An explicit `revision` must not contradict the one in the id.
 *
 * Throws {@link HubRepoIdError} by the hub's own rules (letters, digits, `-`, `_`, `.`; no `--`, no `..`; at most 96 characters).
 */
export function parseRepoId(id: string, revision?: string): { repo: string; revision: string } {
  const at = id.indexOf("@");
  const repo = at < 0 ? id : id.slice(0, at);
  const inId = at < 0 ? undefined : id.slice(at + 1);
  if (inId !== undefined && revision !== undefined && inId !== revision) {
    throw new HubRepoIdError(id, `the option asks for another revision, "${revision}"`);
  }
  const why = repoFault(repo);
  if (why !== undefined) throw new HubRepoIdError(id, why);
  const wanted = inId ?? revision ?? "main";
  // A revision becomes a path below refs/, so it is held to the rules of file names.
  if (!staysInFolder(wanted)) throw new HubRepoIdError(id, `"${wanted}" cannot be the name of a revision`);
  return { repo, revision: wanted };
}

function repoFault(repo: string): string | undefined {
  if (repo.length > MAX_ID_LENGTH) return `it is longer than ${MAX_ID_LENGTH} characters`;
  const parts = repo.split("/");
  if (parts.length > 2) return "it has more than one slash";
  if (!parts.every((part) => /^\w(?:[\w.-]*\w)?$/.test(part))) {
    return 'each part consists of letters, digits, "-", "_" and ".", and begins and ends with neither "-" nor "."';
  }
  if (repo.includes("--") || repo.includes("..")) return '"--" and ".." are not allowed';
  return repo.endsWith(".git") ? 'it ends with ".git"' : undefined;
}

/** Throws {@link UnsafeFileNameError} unless `name` stays below the folder it is joined to, on every system. */
export function assertSafeName(name: string, wanted: Wanted): void {
  if (!staysInFolder(name)) throw new UnsafeFileNameError(wanted, name);
}

function staysInFolder(name: string): boolean {
  if (name.length === 0 || name.length > 1024 || /[\\:\u0000-\u001f\u007f]/.test(name)) return false;
  return name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** Whether a name could be in no git tree at all, so that the listing that holds it is forged. */
export function isForgedName(name: string): boolean {
  return name === "" || /^[\\/]|^[a-z]:[\\/]/i.test(name) || name.split(/[\\/]/).includes("..") || name.includes("\0");
}
