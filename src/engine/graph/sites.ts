/**
 * Reading and editing by site name: builds the `at` of a set of edits and reads, and checks that every selector matched.
 */
import { EditShapeError, showType, UnknownSiteError } from "./errors.js";
import { type At, withAt } from "./scope.js";
import { sameShape } from "../tensor/shape.js";
import type { Value } from "./value.js";

/**
 * A site name, or a pattern in which `*` stands for one segment: `visual.blocks.*.attn.z`.
 */
export type Selector = string;

/** Returns what to put at a site instead of `value`; must have the same shape and element type. */
export type Edit = (value: Value, name: string) => Value;

/** Edits in the order in which they apply. */
export type Edits = readonly (readonly [Selector, Edit])[];

/** A graph built with its sites: `result` is what the builder returned. */
export interface BuiltGraph<T> {
  readonly result: T;
  /** Every site by name, in the order of the model, after edits. */
  readonly sites: ReadonlyMap<string, Value>;
  /** Names of the sites where an edit put another value. */
  readonly edited: ReadonlySet<string>;
}

/**
 * Runs `build` with `edits` in force and records its sites.
 * Throws {@link UnknownSiteError} when a selector matches nothing and {@link EditShapeError} when an edit changes a type.
 */
export function buildWithSites<T>(build: () => T, edits: Edits = []): BuiltGraph<T> {
  const sites = new Map<string, Value>();
  const edited = new Set<string>();
  const editors = edits.map(([selector, edit]) => ({ selector, edit, matches: matcher(selector) }));
  const hook: At = (name, original) => {
    let value = original;
    for (const { edit, matches } of editors) if (matches(name)) value = checkedEdit(name, value, edit);
    sites.set(name, value);
    if (value !== original) edited.add(name);
    return value;
  };
  const result = withAt(hook, build);
  for (const { selector } of editors) select(sites.keys(), selector);
  return { result, sites, edited };
}

/** The names that `selector` matches, in order. Throws {@link UnknownSiteError} when there is none. */
export function select(names: Iterable<string>, selector: Selector): string[] {
  const all = [...names];
  const selected = all.filter(matcher(selector));
  if (selected.length === 0) throw unknownSite(selector, all);
  return selected;
}

/** Whether `selector` matches any of the names. */
export function matches(names: readonly string[], selector: Selector): boolean {
  return names.some(matcher(selector));
}

function checkedEdit(name: string, value: Value, edit: Edit): Value {
  const edited = edit(value, name);
  if (edited.dtype !== value.dtype || !sameShape(edited.shape, value.shape)) {
    throw new EditShapeError({
      what: "an edit must keep the shape of its site",
      where: name,
      got: showType(edited),
      expected: showType(value),
    });
  }
  return edited;
}

function matcher(selector: Selector): (name: string) => boolean {
  const pattern = selector
    .split(".")
    .map((segment) => segment.replace(/[\\^$+?.()|[\]{}]/g, "\\$&").replaceAll("*", "[^.]*"))
    .join("\\.");
  const expression = new RegExp(`^${pattern}$`);
  return (name) => expression.test(name);
}

function unknownSite(selector: Selector, names: readonly string[]): UnknownSiteError {
  const last = selector.slice(selector.lastIndexOf(".") + 1);
  const near = names.filter((name) => name.endsWith(`.${last}`) || name.includes(selector));
  const shown = (near.length > 0 ? near : names).slice(0, 4).join(", ");
  return new UnknownSiteError({
    what: "no site of this model matches the selector",
    got: `"${selector}"`,
    expected: names.length === 0 ? "a site, but this model has none" : `a site such as ${shown}`,
    fix: "list them with `vitrine models info REF --sites`",
  });
}
