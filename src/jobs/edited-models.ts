import type { Clip } from "../models/clip/clip.js";

interface Entry {
  readonly clip: Promise<Clip>;
  users: number;
}

/** The edited models used last; none is disposed of while somebody works with it. */
export class EditedModels {
  readonly #entries = new Map<string, Entry>();
  readonly #kept: number;

  /** `kept`: models beside those in use. Each holds programs of its own, over shared weights. */
  constructor(kept = 3) {
    this.#kept = kept;
  }

  /** Works with the model of this key, made now if it is not there. */
  async use<T>(key: string, make: () => Promise<Clip>, work: (clip: Clip) => Promise<T>): Promise<T> {
    const entry = this.#entries.get(key) ?? { clip: make(), users: 0 };
    entry.users++;
    // Deleting first moves the key to the end: a Map remembers the order of insertion.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    try {
      return await entry.clip.then(work);
    } finally {
      entry.users--;
      await this.#evict();
    }
  }

  /** What could not be made has nothing to free, and is made again by the next who asks. */
  async #evict(): Promise<void> {
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    for (const [key, { clip }] of idle.slice(0, Math.max(0, idle.length - this.#kept))) {
      this.#entries.delete(key);
      await clip.then(
        (made) => made.dispose(),
        () => undefined,
      );
    }
  }
}
