/** The entries of a map that were used last: as many as the sum of their weights allows, and always the last one. */
export class Recent<T> {
  readonly #entries = new Map<string, T>();
  readonly #capacity: number;
  readonly #weigh: (item: T) => number;
  #weight = 0;

  constructor(capacity: number, weigh: (item: T) => number) {
    this.#capacity = capacity;
    this.#weigh = weigh;
  }

  get(key: string): T | undefined {
    const item = this.#entries.get(key);
    if (item === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, item);
    return item;
  }

  set(key: string, item: T): void {
    this.#remove(key);
    this.#entries.set(key, item);
    this.#weight += this.#weigh(item);
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#capacity || oldest === key) return;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const item = this.#entries.get(key);
    if (item === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(item);
  }
}
