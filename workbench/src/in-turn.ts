/**
 * Work of the page, a piece at a time.
 *
 * @file While the model computes, the page has a fraction of a core: what is one piece of 50 ms then holds up the pointer for a quarter of a
 * second. Between pieces the page sees to what else there is.
 */
let last: Promise<void> = Promise.resolve();

/** Resolved in a task of its own, after all that asked before. */
export function inTurn(): Promise<void> {
  last = last.then(nextTask);
  return last;
}

function nextTask(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { yield?(): Promise<void> } };
  return scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
}
