import type { JobResult } from "vitrine/jobs";
import type { Answer } from "../../state/question.js";

/** One of the two that are compared. */
export interface Side {
  /** Short: "A", "before". */
  readonly name: string;
  /** Which picture, which model. */
  readonly title: string;
  readonly result: JobResult<"decompose">;
  readonly answer: Answer;
}
