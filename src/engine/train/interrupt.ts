/**
 * What a terminal, a supervisor or a batch system asks a run to end with. Not SIGHUP: to listen for it would undo `nohup`,
 * under which runs are meant to outlive their terminal.
 */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export interface Interrupt extends Disposable {
  /** Aborted by the first signal, for the run to save and end by itself. */
  readonly signal: AbortSignal;
}

/**
 * Listens for Ctrl-C and SIGTERM. The first asks the run to stop, and the listening ends: a second one ends the process at
 * once. Declare it with `using`, so that it also ends with the run.
 */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const stopListening = (): void => {
    for (const name of SIGNALS) process.off(name, stop);
  };
  const stop = (): void => {
    stopListening();
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, stop);
  return { signal: controller.signal, [Symbol.dispose]: stopListening };
}
