/** What a shell, a terminal that closes, or a supervisor ends a command with. */
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * When a signal would end the process, `cleanUp` runs first, and the process then dies by that signal, so that who started
 * it sees why. `cleanUp` cannot wait for anything: nothing else happens any more. Returns what ends the listening.
 */
export function onEndingSignal(cleanUp: () => void): () => void {
  const end = (signal: NodeJS.Signals): void => {
    stopListening();
    try {
      cleanUp();
    } finally {
      // With no handler left, the signal ends the process as its sender expects.
      process.kill(process.pid, signal);
    }
  };
  const stopListening = (): void => {
    for (const signal of ENDING_SIGNALS) process.off(signal, end);
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, end);
  return stopListening;
}
