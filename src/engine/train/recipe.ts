/** What a run was started with, as plain data: compared when it resumes. */
import { isJsonObject, type Json } from "../weights/strict-json.js";
import { RecipeChangedError } from "./errors.js";

export type Recipe = Readonly<Record<string, Json>>;

/** JSON with keys in order: the same text for the same recipe. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, item: Json) =>
    isJsonObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}

const MOST_SHOWN = 5;

/** Throws {@link RecipeChangedError}, naming the keys that differ, unless the recipes are the same. */
export function requireSameRecipe(before: Json, now: Json, file: string): void {
  if (canonicalJson(before) === canonicalJson(now)) return;
  const [old, current] = [leavesOf(before), leavesOf(now)];
  const keys = [...new Set([...old.keys(), ...current.keys()])].filter((key) => old.get(key) !== current.get(key));
  const shown = keys
    .slice(0, MOST_SHOWN)
    .map((key) => `${key}: ${old.get(key) ?? "none"} → ${current.get(key) ?? "none"}`);
  if (keys.length > MOST_SHOWN) shown.push(`${keys.length - MOST_SHOWN} more`);
  throw new RecipeChangedError({
    what: "this run was started with another recipe",
    where: file,
    got: shown.join(", "),
    fix: "resume with the recipe it was started with, or train in another folder",
  });
}

/** JSON text of every leaf by its dotted path. */
function leavesOf(value: Json, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) {
    return new Map([[path, JSON.stringify(value)]]);
  }
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  return new Map(entries.flatMap(([key, item]) => [...leavesOf(item, path === "" ? key : `${path}.${key}`)]));
}
