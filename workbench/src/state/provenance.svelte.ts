import { connection } from "./backend.svelte.js";
import { countEdits, describeEdits } from "./edits.js";
import { selection } from "./selection.svelte.js";

/** What figures come from, as one line for their exports. */
export function provenance(): string {
  const { info, picture, edits } = selection;
  const around = connection.surroundings;
  return [
    ...(info === undefined ? [] : [`model ${info.ref}, SHA-256 ${info.digest}`]),
    ...(picture === undefined ? [] : [`picture ${picture.name}`]),
    ...(countEdits(edits) === 0 ? [] : [`edited: ${describeEdits(edits)}`]),
    ...(around === undefined ? [] : [`${around.kind}, ${around.device}, float32`, `Vitrine ${around.version}`]),
  ].join("; ");
}
