/** What a user should know but need not act upon; stays until it is dismissed or no longer true. */

import { untrack } from "svelte";

export interface Notice {
  readonly id: string;
  readonly text: string;
}

class Notices {
  list = $state.raw<readonly Notice[]>([]);

  show(id: string, text: string): void {
    this.#change((list) => [...list.filter((one) => one.id !== id), { id, text }]);
  }

  clear(id: string): void {
    this.#change((list) => (list.some((one) => one.id === id) ? list.filter((one) => one.id !== id) : list));
  }

  /** An effect that shows a notice does not follow the list. */
  #change(to: (list: readonly Notice[]) => readonly Notice[]): void {
    this.list = to(untrack(() => this.list));
  }
}

export const notices = new Notices();
