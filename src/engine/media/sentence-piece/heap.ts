/** A queue whose best item comes first. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBetter: (a: T, b: T) => boolean;

  constructor(isBetter: (a: T, b: T) => boolean) {
    this.#isBetter = isBetter;
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBetter(item, items[above]!)) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const [best, last] = [items[0], items.pop()];
    if (items.length === 0) return best;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && this.#isBetter(items[below + 1]!, items[below]!)) below++;
      if (!this.#isBetter(items[below]!, last!)) break;
      items[at] = items[below]!;
      at = below;
    }
    items[at] = last!;
    return best;
  }
}
