/** Lets messages come in, such as that nobody waits any more, and throws an `AbortError` if it is so. */
export async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  signal.throwIfAborted();
}
