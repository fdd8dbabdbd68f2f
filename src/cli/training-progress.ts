import type { TrainingProgress } from "../engine/train/loop.js";
import { Progress } from "./progress.js";

/** Shows on stderr how a training run goes: `step 1200 of 4000 · loss 1.234 · 3.1 steps/s · 15:02 left`. */
export class TrainingLine implements Disposable {
  readonly #progress: Progress;
  #loss = NaN;

  /** `label` is put first: the recipe's name. */
  constructor(steps: number, label?: string) {
    this.#progress = new Progress({
      total: steps,
      ...(label === undefined ? {} : { label }),
      show: (step) => `step ${step} of ${steps} · loss ${this.#loss.toPrecision(4)}`,
      showRate,
    });
  }

  readonly update = ({ step, loss }: TrainingProgress): void => {
    this.#loss = loss;
    this.#progress.update(step);
  };

  /** Takes the line away. */
  clear(): void {
    this.#progress.clear();
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

/** Slow steps in seconds each, quick ones in steps per second. */
function showRate(perSecond: number): string {
  if (perSecond < 1) return `${(1 / perSecond).toFixed(1)} s/step`;
  return `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} steps/s`;
}
