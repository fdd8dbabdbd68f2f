/** `vitrine serve`: the workbench and its API, until a signal ends it. */
import type { Device } from "../../engine/runtime/session.js";
import { type RunningServer, startServer } from "../../server/server.js";
import { downloadProgress } from "../download-progress.js";
import type { GlobalOptions } from "../fail.js";
import { zooModels } from "../models/inventory.js";
import { printable } from "../terminal-text.js";

export interface ServeOptions extends GlobalOptions {
  readonly model?: readonly string[];
  readonly device: Device;
  readonly host: string;
  readonly port?: number;
  readonly offline?: true;
}

const TRAINED = "clip-scenes";
const SERVED = ["clip", "llava", "idempotent-generator"];

/** Resolves once the server has stopped. Throws what `startServer` throws. */
export async function runServe({ model = [], device, host, port, offline, json, debug }: ServeOptions): Promise<void> {
  // What is asked for first; of the others, the trained one. The workbench's jobs are about these kinds.
  const zoo = (await zooModels()).filter(({ kind }) => SERVED.includes(kind)).map(({ name }) => name);
  const models = [...new Set([...model, ...(zoo.includes(TRAINED) ? [TRAINED] : []), ...zoo])];
  const server = await startServer({
    models,
    device,
    host,
    ...(port === undefined ? {} : { port }),
    hub: { ...(offline && { offline }), ...downloadProgress() },
    onFault: (error) => {
      const told = debug && error instanceof Error ? error.stack : String(error);
      process.stderr.write(`vitrine: ${printable(told ?? "")} [internal: a fault in Vitrine; --debug shows where]\n`);
    },
  });
  const { address, token } = server;
  if (json) process.stdout.write(`${JSON.stringify({ address, port: server.port, token: token ?? null, models })}\n`);
  else process.stdout.write(announcement(address, token, models));
  await stoppedBySignal(server);
  // A job that is amid a long run of a model would hold the process.
  process.exit();
}

function announcement(address: string, token: string | undefined, models: readonly string[]): string {
  const shared = "Whoever has this address can use the server; the connection is not encrypted.\n";
  return (
    `Vitrine is at ${address}\n` +
    (token === undefined ? "" : shared) +
    `Models: ${models.map(printable).join(", ")}. Ctrl-C stops it.\n`
  );
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The first signal stops the server, and the process ends well; a second ends it there and then. */
function stoppedBySignal(server: RunningServer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      for (const signal of SIGNALS) process.off(signal, stop);
      server.close().then(resolve, reject);
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}
