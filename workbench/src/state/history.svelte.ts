/** A value whose changes can be undone and done again. */
export class History<T> {
  #past = $state.raw<readonly T[]>([]);
  #future = $state.raw<readonly T[]>([]);
  #present: T;
  readonly #limit: number;

  constructor(initial: T, limit = 200) {
    this.#present = $state.raw(initial);
    this.#limit = limit;
  }

  get present(): T {
    return this.#present;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** A new value; what was undone before is forgotten. */
  push(value: T): void {
    this.#past = [...this.#past, this.#present].slice(-this.#limit);
    this.#future = [];
    this.#present = value;
  }

  undo(): void {
    const before = this.#past.at(-1);
    if (before === undefined) return;
    this.#past = this.#past.slice(0, -1);
    this.#future = [this.#present, ...this.#future];
    this.#present = before;
  }

  redo(): void {
    const [next, ...later] = this.#future;
    if (next === undefined) return;
    this.#past = [...this.#past, this.#present];
    this.#future = later;
    this.#present = next;
  }

  /** Begins anew, with nothing to undo. */
  reset(value: T): void {
    this.#past = [];
    this.#future = [];
    this.#present = value;
  }
}
