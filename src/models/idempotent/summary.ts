import type { IdempotentArchitecture } from "./architecture.js";

/** What a generator makes and what it knows, in a sentence or two. */
export function generatorSummary(
  { size, channels }: Pick<IdempotentArchitecture, "size" | "channels">,
  { caveat }: Readonly<Record<string, string>>,
): string {
  const makes = `Makes pictures of ${size} × ${size}, ${channels === 1 ? "grey" : "in colour"}.`;
  return caveat === undefined ? makes : `${makes} ${caveat}`;
}
