/** What is being computed now, for the one place that shows it. */
import { untrack } from "svelte";
import type { Progress } from "./backend-types.js";

export class Task {
  readonly title: string;
  /** Milliseconds, as `performance.now()` counts. */
  readonly started = performance.now();
  progress = $state.raw<Progress | undefined>(undefined);
  readonly #cancel: () => void;

  constructor(title: string, cancel: () => void) {
    this.title = title;
    this.#cancel = cancel;
  }

  cancel(): void {
    this.#cancel();
  }
}

class Tasks {
  list = $state.raw<readonly Task[]>([]);

  begin(title: string, cancel: () => void): Task {
    const task = new Task(title, cancel);
    // An effect that begins a task does not follow the list.
    this.list = [...untrack(() => this.list), task];
    return task;
  }

  end(task: Task): void {
    this.list = untrack(() => this.list).filter((one) => one !== task);
  }

  cancelAll(): void {
    for (const task of this.list) task.cancel();
  }
}

export const tasks = new Tasks();
