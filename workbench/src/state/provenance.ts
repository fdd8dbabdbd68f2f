/** Where numbers came from, in one line, for exports. */
import { connection } from "./backend.svelte.js";
import { selection } from "./selection.svelte.js";

/** `settings`: what else they depend on, such as "seed 0". */
export function provenance(...settings: readonly string[]): string {
  const { info } = selection;
  const around = connection.surroundings;
  return [
    ...(around === undefined ? [] : [`Vitrine ${around.version}`]),
    ...(info === undefined ? [] : [`${info.ref} ${info.digest.slice(0, 12)}`]),
    ...(around === undefined
      ? []
      : [`${around.kind === "browser" && around.device === "cpu" ? "WASM" : around.device}, float32`]),
    ...settings,
  ].join(", ");
}
