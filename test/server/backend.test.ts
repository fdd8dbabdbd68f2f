/** The workbench's side of the server: the same answers as at home, and a clear word when the server is gone. */
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { JOBS, type JobName, type Progress } from "../../src/jobs/index.js";
import { job } from "../../src/jobs/job.js";
import { serverContext } from "../../src/server/context.js";
import { DEFAULT_LIMITS } from "../../src/server/limits.js";
import { VERSION } from "../../src/version.js";
import type { Backend } from "../../workbench/src/backend/backend.js";
import { connectServer } from "../../workbench/src/backend/server-backend.js";
import { ROOT } from "../support/paths.js";
import { eventually, served } from "../support/served.js";

const counting = job({
  summary: "Counts.",
  params: z.strictObject({ steps: z.int() }),
  async run(_, { steps }, control) {
    for (let done = 0; done < steps; done++) {
      control.signal.throwIfAborted();
      control.progress({ stage: "counting", done, total: steps, unit: "steps" });
      await sleep(10);
    }
    return { steps };
  },
});

const server = await served({ jobs: { ...JOBS, counting } });
const scene = readFileSync(join(ROOT, "examples/scene.png"));
const at = (port: number): URL => new URL(`http://127.0.0.1:${port}/`);

/** Jobs of tests have no types in the workbench. */
function count(backend: Backend, steps: number, options?: Parameters<Backend["run"]>[2]): Promise<unknown> {
  return backend.run("counting" as JobName, { steps } as never, options);
}

/** What stands between page and server, and can be cut. */
async function cable(
  port: number,
): Promise<{ readonly port: number; readonly cut: () => void; readonly unplug: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const proxy: Server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one
        .on("error", () => other.destroy())
        .on("close", () => {
          sockets.delete(one);
          other.destroy();
        });
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const unplug = async (): Promise<void> => {
    const closed = new Promise((resolve) => proxy.close(resolve));
    cut();
    await closed;
  };
  afterAll(unplug);
  return { port: (proxy.address() as AddressInfo).port, cut, unplug };
}

describe("a server that is there", () => {
  test("says what runs where", async () => {
    const { surroundings } = await connectServer(at(server.port));
    expect(surroundings).toMatchObject({ kind: "server", device: "cpu", version: VERSION });
    expect(surroundings.notice).toBeUndefined();
  });

  test("gives what the jobs give, to the bit", async () => {
    const backend = await connectServer(at(server.port));
    const { id } = await backend.addPicture(scene);
    const params = { model: "clip-scenes", picture: { picture: id }, texts: ["a mushroom", "a heart"] };
    const context = await serverContext({ refs: ["clip-scenes"], device: "cpu" }, DEFAULT_LIMITS);
    await context.pictures.add(scene);
    const control = { signal: new AbortController().signal, progress: () => undefined };
    const here = await JOBS.decompose.run(context, JOBS.decompose.params.parse(params), control);
    expect(await backend.run("decompose", params)).toEqual(here);
    await context.models.rest(0);
  });

  test("tells how a job goes on", async () => {
    const heard: Progress[] = [];
    const backend = await connectServer(at(server.port));
    expect(await count(backend, 20, { onProgress: (progress) => heard.push(progress) })).toEqual({ steps: 20 });
    expect(heard.length).toBeGreaterThan(5);
    expect(heard.at(-1)).toEqual({ stage: "counting", done: 19, total: 20, unit: "steps" });
  });

  test("ends a job that is given up, and who asked is told at once", async () => {
    const backend = await connectServer(at(server.port));
    const giveUp = new AbortController();
    const running = count(backend, 1_000_000, {
      signal: giveUp.signal,
      onProgress: () => {
        giveUp.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    await eventually(() => server.board.counts().running === 0, 2_000);
    await expect(count(backend, 1, { signal: giveUp.signal })).rejects.toMatchObject({ name: "AbortError" });
  });

  test("says what was wrong, by its code", async () => {
    const backend = await connectServer(at(server.port));
    const texts = ["a heart"];
    const picture = { picture: "0".repeat(64) };
    const refused: [work: () => Promise<unknown>, code: string][] = [
      [() => backend.run("decompose", { model: "clip-scenes", picture, texts }), "unknown-picture"],
      [() => backend.run("model-info", { model: "another" }), "unknown-model"],
      [() => backend.run("model-info", {} as never), "job-params"],
      [() => backend.run("nothing" as never, {}), "not-served"],
      [() => backend.addPicture(Buffer.from("no picture")), "not-an-image"],
      [() => backend.addPicture(new Uint8Array(26 * 1024 * 1024)), "request-too-large"],
    ];
    for (const [work, code] of refused) await expect(work()).rejects.toMatchObject({ name: "BackendError", code });
  });
});

describe("a connection that breaks", () => {
  test("for a moment costs nothing", async () => {
    const { port, cut } = await cable(server.port);
    const backend = await connectServer(at(port));
    let cuts = 0;
    const result = await count(backend, 120, {
      onProgress: ({ done }) => {
        if (done < 30 * (cuts + 1) || cuts === 3) return;
        cuts++;
        cut();
      },
    });
    expect([result, cuts]).toEqual([{ steps: 120 }, 3]);
  });

  test("for good is said, and the job ends", async () => {
    const { port, unplug } = await cable(server.port);
    const backend = await connectServer(at(port));
    const running = count(backend, 1_000_000, { onProgress: () => void unplug() });
    await expect(running).rejects.toMatchObject({ name: "BackendError", code: "lost" });
    await expect(backend.run("models", {})).rejects.toMatchObject({ code: "lost" });
    await expect(backend.addPicture(scene)).rejects.toMatchObject({ code: "lost" });
    await eventually(() => server.board.counts().running === 0, 10_000);
  });
});

describe("a server that goes", () => {
  test("is lost while it works; started anew at the same place, it answers again", async () => {
    const first = await served({ jobs: { ...JOBS, counting } });
    const backend = await connectServer(at(first.port));
    const running = count(backend, 1_000_000, { onProgress: () => void first.close() });
    await expect(running).rejects.toMatchObject({ name: "BackendError", code: "lost" });
    await expect(backend.run("models", {})).rejects.toMatchObject({ code: "lost" });
    await served({ port: first.port });
    expect(await backend.run("models", {})).toMatchObject([{ ref: "clip-scenes" }]);
  });

  test("is lost from the start where there is none, or another one", async () => {
    const other = createHttpServer((_, response) => response.writeHead(404).end("<h1>not here</h1>"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(connectServer(at(port))).rejects.toMatchObject({ name: "BackendError", code: "lost" });
    await new Promise((resolve) => other.close(resolve));
    await expect(connectServer(at(port))).rejects.toMatchObject({ name: "BackendError", code: "lost" });
  });
});

describe("a server for other machines", () => {
  test("wants its token", async () => {
    const shared = await served({ host: "0.0.0.0" });
    await expect(connectServer(at(shared.port))).rejects.toMatchObject({ code: "token-required" });
    const backend = await connectServer(at(shared.port), shared.token);
    expect(await backend.run("models", {})).toMatchObject([{ ref: "clip-scenes" }]);
    const { id } = await backend.addPicture(scene);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
  });
});
