/** What requests are told of errors: a code and one line, never where in the program. */
import { VitrineError } from "../engine/errors.js";
import type { Failure } from "./served-job.js";

/** Faults in Vitrine go to `onFault`. */
export function failureOf(error: unknown, onFault: (error: unknown) => void): Failure {
  if (error instanceof VitrineError) return { code: error.code, message: error.message };
  onFault(error);
  return { code: "internal", message: "a fault in Vitrine: the terminal that the server runs in says more" };
}
