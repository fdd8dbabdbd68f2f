/** Types of results that the frame itself asks for. */
import type { JobResult, Progress } from "vitrine/jobs";

export type { Progress };
export type ModelInfo = JobResult<"model-info">;
export type ModelEntry = JobResult<"models">[number];
export type GeneratorInfo = JobResult<"generator-info">;
