/** Errors that stay until they are dismissed, or until what failed has worked. */

import { untrack } from "svelte";

export interface Fault {
  /** What failed: a later success of the same takes the fault away. */
  readonly source: string;
  /** The library's code, which has a page; undefined where there is none. */
  readonly code: string | undefined;
  readonly message: string;
}

class Errors {
  list = $state.raw<readonly Fault[]>([]);

  report(fault: Fault): void {
    this.#change((list) => [...list.filter(({ source }) => source !== fault.source), fault]);
  }

  /** Takes away what `source` had reported. */
  clear(source: string): void {
    const has = (list: readonly Fault[]): boolean => list.some((fault) => fault.source === source);
    this.#change((list) => (has(list) ? list.filter((fault) => fault.source !== source) : list));
  }

  /** An effect that reports a fault does not follow the list. */
  #change(to: (list: readonly Fault[]) => readonly Fault[]): void {
    this.list = to(untrack(() => this.list));
  }
}

export const errors = new Errors();
