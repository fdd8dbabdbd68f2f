/** `vitrine train`: rebuilds a model of the zoo from its recipe. */
import { join } from "node:path";
import { onInterrupt } from "../../engine/train/interrupt.js";
import { runRecipe } from "../../recipes/recipe.js";
import type { GlobalOptions } from "../fail.js";
import { printable } from "../terminal-text.js";
import { TrainingLine } from "../training-progress.js";

export interface TrainCommandOptions extends GlobalOptions {
  readonly out?: string;
  readonly steps?: number;
  readonly seed?: number;
  readonly data?: string;
}

/** Throws `UsageError` for an unknown recipe, and what training throws. */
export async function runTrain(recipe: string, { out, steps, seed, data, json }: TrainCommandOptions): Promise<void> {
  const folder = out ?? join("vitrine-out", "train", recipe);
  using interrupt = onInterrupt();
  using line = new TrainingLine(recipe);
  const result = await runRecipe(recipe, {
    folder,
    ...(steps === undefined ? {} : { steps }),
    ...(seed === undefined ? {} : { seed }),
    ...(data === undefined ? {} : { data }),
    signal: interrupt.signal,
    onProgress: line.update,
    onNotice: (text) => {
      // All steps are done and saved: from here on a signal ends the process, and the same command repeats what follows.
      interrupt[Symbol.dispose]();
      line.note(text);
    },
  });
  line.clear();
  if (json) process.stdout.write(`${JSON.stringify({ folder, ...result })}\n`);
  else if (result.stopped) {
    process.stdout.write(
      `Stopped and saved after step ${result.step} of ${result.steps} in ${printable(folder)}; run the same command to go on.\n`,
    );
  } else {
    process.stdout.write(
      `Trained ${recipe}, ${result.steps} steps. The model and its card (README.md) are in ${printable(result.model!)}.\n`,
    );
  }
}
