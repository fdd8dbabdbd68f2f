/** A server that has taken 200 pictures apart holds no more than one that has taken 20 apart. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { connectServer } from "../../workbench/src/backend/server-backend.js";
import { builtModule } from "../support/built.js";
import { ROOT } from "../support/paths.js";

const SERVER = `
  const { startServer } = await import(${JSON.stringify(builtModule("server/server.js"))});
  const server = await startServer({ models: ["clip-scenes"], port: 0 });
  process.on("message", async () => {
    // Buffers are freed when what holds them has been, and freed pages go back after a while.
    for (let i = 0; i < 4; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send({ rss, live: heapUsed + external });
  });
  process.send({ port: server.port });
`;

const EMPTY = { background: "sky" as const, style: "clean" as const, objects: [] };

interface Memory {
  /** All of the process. */
  readonly rss: number;
  /** What JavaScript holds. */
  readonly live: number;
}

let child: ChildProcess | undefined;
afterAll(() => child?.kill("SIGKILL"));

test("memory after 200 decompositions", { timeout: 240_000 }, async () => {
  child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "--eval", SERVER], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const backend = await connectServer(new URL(`http://127.0.0.1:${port}/`));
  const { id } = await backend.addPicture(readFileSync(join(ROOT, "examples/scene.png")));
  const decompose = async (from: number, to: number): Promise<void> => {
    for (let seed = from; seed < to; seed++) {
      const scene = { ...EMPTY, seed };
      const picture = seed % 2 === 0 ? { picture: id } : { scene };
      const result = await backend.run("decompose", { model: "clip-scenes", picture, texts: ["a heart", "a fish"] });
      expect(result.texts.length).toBe(2);
    }
  };
  const memory = async (): Promise<Memory> => {
    child!.send({});
    const [now] = (await once(child!, "message")) as [Memory];
    return now;
  };
  await decompose(0, 20);
  const after20 = await memory();
  await decompose(20, 200);
  const after200 = await memory();
  expect(after200.rss / after20.rss).toBeLessThan(1.1);
  expect(after200.live / after20.live).toBeLessThan(1.1);
});
