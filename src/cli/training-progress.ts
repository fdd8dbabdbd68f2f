import type { TrainingProgress } from "../engine/train/loop.js";
import { Progress } from "./progress.js";

/** Shows on stderr how a training run goes: `step 1200 of 4000 · loss 1.234 · 3.1 steps/s · 15:02 left`. */
export class TrainingLine implements Disposable {
  readonly #label: string;
  #progress: Progress | undefined;
  #loss = NaN;

  /** `label` is put first: the recipe's name. */
  constructor(label: string) {
    this.#label = label;
  }

  readonly update = ({ step, steps, loss }: TrainingProgress): void => {
    this.#loss = loss;
    this.#progress ??= new Progress({
      total: steps,
      label: this.#label,
      show: (done) => `step ${done} of ${steps} · loss ${this.#loss.toPrecision(4)}`,
      showRate,
    });
    this.#progress.update(step);
  };

  /** A line of its own. */
  readonly note = (text: string): void => {
    this.clear();
    process.stderr.write(`${this.#label}: ${text}\n`);
  };

  /** Takes the line away. */
  clear(): void {
    this.#progress?.clear();
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
