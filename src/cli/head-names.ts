/** Heads by name: layer and head, each from 0. */
import { UsageError } from "../engine/errors.js";
import type { HeadPlace } from "../models/clip/head-place.js";

/** A head by name: `3.0`, `L3.H0`; undefined for another text. */
export function headNamed(name: string): HeadPlace | undefined {
  const found = /^L?(\d{1,4})\.H?(\d{1,4})$/i.exec(name.trim());
  return found === null ? undefined : { layer: Number(found[1]), head: Number(found[2]) };
}

/** As {@link headNamed}. Throws {@link UsageError}. */
export function parseHead(name: string): HeadPlace {
  const head = headNamed(name);
  if (head !== undefined) return head;
  throw new UsageError({
    what: "no name of a head",
    got: `"${name}"`,
    expected: "layer and head, such as 3.0 or L3.H0",
  });
}
