import { UsageError } from "../../engine/errors.js";
import type { HeadPlace } from "../../models/clip/head-place.js";

/** A head by name: `3.0`, `L3.H0`. Throws `UsageError`. */
export function parseHead(name: string): HeadPlace {
  const found = /^L?(\d{1,4})\.H?(\d{1,4})$/i.exec(name.trim());
  if (found !== null) return { layer: Number(found[1]), head: Number(found[2]) };
  throw new UsageError({
    what: "no name of a head",
    got: `"${name}"`,
    expected: "layer and head, such as 3.0 or L3.H0",
  });
}
