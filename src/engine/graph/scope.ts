/**
 * Scopes and sites: how values get names, and the one hook through which models are read and edited.
 *
 * @file Building a graph is synchronous, so the scope that a builder is in can be ambient: `scope` and `withAt` restore
 * what was there before, also when the builder throws.
 */
import type { Value } from "./value.js";

/**
 * Sees every site of a model as it is built, and returns the value to go on with: the same one (reading) or another of
 * the same type (editing).
 */
export type At = (name: string, value: Value) => Value;

const identity: At = (_name, value) => value;

let path = "";
let at: At = identity;

/** The dotted path of the scopes being built, "" outside any. */
export function currentScope(): string {
  return path;
}

/** Builds inside the scope `name`: sites and errors in `build` carry its path. */
export function scope<T>(name: string, build: () => T): T {
  const outer = path;
  path = join(outer, name);
  try {
    return build();
  } finally {
    path = outer;
  }
}

/** Names `value` as the site `name` of the current scope and hands it to `at`. */
export function site(name: string, value: Value): Value {
  return at(join(path, name), value);
}

/** Builds with `hook` seeing every site. Nested calls replace the outer hook. */
export function withAt<T>(hook: At, build: () => T): T {
  const outer = at;
  at = hook;
  try {
    return build();
  } finally {
    at = outer;
  }
}

function join(outer: string, name: string): string {
  return outer === "" ? name : `${outer}.${name}`;
}
