/**
 * Work of the page, a piece at a time.
 *
 * @file While the model computes, the page has a fraction of a core: what is one piece of 50 ms then holds up the pointer for a quarter of a
 * second. Between pieces the page sees to what else there is.
 */

/** Resolved in a task of its own, after all that asked before. */
export const inTurn = queue(nextTask);

/**
 * The same for what adds to the page, each in a frame of its own: the browser lays out and paints all that was added since the last frame
 * as one piece.
 */
export const inFrame = queue(nextFrame);

/** Acts in turn, unless told before that it need not: what an effect that draws returns. */
export function actInTurn(act: () => void): () => void {
  let stale = false;
  void inTurn().then(() => {
    if (!stale) act();
  });
  return () => {
    stale = true;
  };
}

function queue(next: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => (last = last.then(next));
}

function nextTask(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { yield?(): Promise<void> } };
  return scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
}

/** After the next frame, which a page that nobody sees does not have. */
function nextFrame(): Promise<void> {
  if (document.hidden) return nextTask();
  return new Promise((resolve) => {
    const goOn = (): void => {
      document.removeEventListener("visibilitychange", goOn);
      void nextTask().then(resolve);
    };
    requestAnimationFrame(goOn);
    document.addEventListener("visibilitychange", goOn);
  });
}
