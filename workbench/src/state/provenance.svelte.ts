import { connection } from "./backend.svelte.js";
import { countEdits, describeEdits } from "./edits.js";
import { selection } from "./selection.svelte.js";

/** What figures come from, as one line for their exports. */
export function provenance(): string {
  const { opened: info, family, picture, edits } = selection;
  const around = connection.surroundings;
  // A room that makes pictures says itself what it begins with.
  const looks = family === "looks";
  return [
    ...(info === undefined ? [] : [`model ${info.ref}, SHA-256 ${info.digest}`]),
    ...(picture === undefined || !looks ? [] : [`picture ${picture.name}`]),
    ...(countEdits(edits) === 0 || !looks ? [] : [`edited: ${describeEdits(edits)}`]),
    ...(around === undefined ? [] : [`${around.kind}, ${around.device}, float32`, `Vitrine ${around.version}`]),
  ].join("; ");
}
