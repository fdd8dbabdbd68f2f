/** The side of a measured process: what it answers to whom started it. */
import { createInterface } from "node:readline";

/** One line of JSON. Processes in other languages answer the same: `bench/peers/`. */
export interface Measurement {
  readonly milliseconds: number;
  /** The largest memory of the process so far. */
  readonly peakBytes: number;
  /** Of a step of training: the loss before it. */
  readonly loss?: number;
  /** What a reader of the figures should know. */
  readonly note?: string;
  /** Memory of the process before it took up its work. */
  readonly baseBytes?: number;
}

/**
 * Calls `run` at once, to warm up, and again for each line "run" on standard input; answers each with a {@link Measurement}.
 * Ends with its input, which is when who started this process ended, however it did.
 */
export async function serve(
  run: () => Promise<{ readonly loss?: number } | undefined>,
  extra: Partial<Measurement> = {},
): Promise<void> {
  // A terminal sends Ctrl-C to this process too; who started it ends it then, and is not to take it for a crash.
  process.on("SIGINT", () => undefined);
  // Nobody hears the answer any more: the end, too.
  process.stdout.on("error", () => process.exit());
  const measure = async (): Promise<void> => {
    const start = performance.now();
    const result = await run();
    const milliseconds = performance.now() - start;
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    const answer: Measurement = { milliseconds, peakBytes, ...result, ...extra };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  };
  await measure();
  for await (const line of createInterface({ input: process.stdin })) if (line === "run") await measure();
  process.exit();
}
