/** What a shell, a terminal that closes, or a supervisor ends a command with. */
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs `work`. When a signal would end the process meanwhile, `cleanUp` runs first, and the process then dies by that
 * signal, so that who started it sees why. `cleanUp` cannot wait for anything: nothing else happens any more.
 */
export async function cleaningUpOnSignal<T>(cleanUp: () => void, work: () => Promise<T>): Promise<T> {
  const end = (signal: NodeJS.Signals): void => {
    stopListening();
    try {
      cleanUp();
    } finally {
      process.kill(process.pid, signal);
    }
  };
  const stopListening = (): void => {
    for (const signal of ENDING_SIGNALS) process.off(signal, end);
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, end);
  try {
    return await work();
  } finally {
    stopListening();
  }
}
