/**
 * The connection that is begun before the page is there: a worker takes longer to start than the page to be drawn.
 *
 * @file A script of its own, which the built page loads first (build/first-script.ts).
 */
import type { Backend } from "./backend.js";
import { connect } from "./connect.js";

let begun: Promise<Backend> | undefined = connect();
// Whoever takes it is told why it failed.
begun.catch(() => undefined);

/** The connection that was begun with the page; asked again, a new one. */
export function takeBackend(): Promise<Backend> {
  const first = begun ?? connect();
  begun = undefined;
  return first;
}
