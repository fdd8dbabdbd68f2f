/**
 * Keeps the programs used last, and none that is in use is ever taken away.
 */
import type { Program } from "./compile.js";
import { DisposedError } from "./errors.js";

interface Entry {
  readonly program: Promise<Program>;
  users: number;
}

export class ProgramCache {
  readonly #entries = new Map<string, Entry>();
  readonly #uses = new Set<Promise<unknown>>();
  readonly #kept: number;
  #closed = false;

  /** `kept`: how many idle programs to keep; each may hold a packed copy of its weights. */
  constructor(kept: number) {
    this.#kept = kept;
  }

  /** The keys of programs that are there, or being made. */
  keys(): string[] {
    return [...this.#entries.keys()];
  }

  /** Runs `work` with the program of this key, made now if it is not there. Throws {@link DisposedError} after `dispose`. */
  async use<Name extends string, T>(
    key: string,
    make: () => Promise<Program<Name>>,
    work: (program: Program<Name>) => Promise<T>,
  ): Promise<T> {
    if (this.#closed) {
      throw new DisposedError({ what: "the model was disposed of", fix: "load it again, or dispose of it later" });
    }
    const entry = this.#take(key, make);
    const use = entry.program.then((program) => work(program as unknown as Program<Name>));
    this.#uses.add(use);
    try {
      return await use;
    } finally {
      this.#uses.delete(use);
      entry.users--;
      this.#evict();
    }
  }

  /** Lets uses under way finish, then frees all programs. Harmless when repeated. */
  async dispose(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#uses);
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(entries.map(free));
  }

  /** Counts the user at once, before anything is awaited: from here on the entry cannot be evicted. */
  #take<Name extends string>(key: string, make: () => Promise<Program<Name>>): Entry {
    const entry = this.#entries.get(key) ?? { program: make() as unknown as Promise<Program>, users: 0 };
    entry.users++;
    // Deleting first moves the key to the end: a Map remembers the order of insertion.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.program.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry;
  }

  #evict(): void {
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    for (const [key, entry] of idle.slice(0, Math.max(0, idle.length - this.#kept))) {
      this.#entries.delete(key);
      void free(entry);
    }
  }
}

/** A program that could not be made has nothing to free; who asked for it was told. */
async function free({ program }: Entry): Promise<void> {
  await program.then(
    (made) => made.dispose(),
    () => undefined,
  );
}
