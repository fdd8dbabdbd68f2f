/** Jobs from being asked for to being forgotten: who waits, who listens, who leaves. */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { job } from "../../src/jobs/job.js";
import { codeOf, eventsOf, eventually, served } from "../support/served.js";

/** What the jobs below have been through. */
const started: string[] = [];
const ended: string[] = [];

const JOBS = {
  /** Takes as long as it is told, in steps, and stops when nobody waits. */
  steps: job({
    summary: "Counts.",
    params: z.strictObject({ name: z.string(), steps: z.int().default(1), each: z.number().default(5) }),
    async run(_, { name, steps, each }, control) {
      started.push(name);
      for (let done = 0; done < steps && !control.signal.aborted; done++) {
        control.progress({ stage: `counting ${name}`, done, total: steps, unit: "steps" });
        await sleep(each);
      }
      ended.push(name);
      control.signal.throwIfAborted();
      return { name };
    },
  }),
  /** Looks at nothing until it is over. */
  deaf: job({
    summary: "Does not look at its signal.",
    params: z.strictObject({ each: z.number() }),
    async run(_, { each }) {
      await sleep(each);
      ended.push("deaf");
      return {};
    },
  }),
  faulty: job({
    summary: "Fails as no job should.",
    params: z.strictObject({}),
    run: () => Promise.reject(new TypeError("cannot read properties of /home/somebody/secret")),
  }),
  unsendable: job({
    summary: "Gives what cannot be sent.",
    params: z.strictObject({}),
    run: () => Promise.resolve({ when: new Date(0) }),
  }),
  large: job({
    summary: "Gives a tensor.",
    params: z.strictObject({ elements: z.int() }),
    run: (_, { elements }) =>
      Promise.resolve({ dtype: "float32", shape: [elements], data: new Float32Array(elements).fill(0.5) }),
  }),
};

const FOREVER = { steps: 1_000_000 };

const server = await served({
  jobs: JOBS,
  limits: {
    waiting: 3,
    finished: 4,
    resultBytes: 40_000,
    keptUnread: 1_500,
    keptRead: 300,
    unheard: 600,
    deserted: 250,
    heartbeat: 100,
    listeners: 2,
  },
});

const stateOf = async (id: string): Promise<string> => {
  const response = await server.ask("GET", `/api/jobs/${id}`);
  if (response.status === 404) return "gone";
  const { state } = (await response.json()) as { state: string };
  return state;
};

/** Listens until `leave` is called. */
async function listenTo(id: string): Promise<{ readonly heard: string[]; readonly leave: () => void }> {
  const connection = new AbortController();
  const response = await fetch(`http://127.0.0.1:${server.port}/api/jobs/${id}/events`, { signal: connection.signal });
  expect(response.status).toBe(200);
  const heard: string[] = [];
  void (async () => {
    for await (const { event } of eventsOf(response)) heard.push(event);
  })().catch(() => undefined);
  return {
    heard,
    leave: () => {
      connection.abort();
    },
  };
}

/** Nothing runs and nothing waits. */
const idle = (): Promise<void> =>
  eventually(() => {
    const { running, waiting } = server.board.counts();
    return running + waiting === 0;
  });

describe("turns", () => {
  test("one runs at a time, in the order asked for; more than may wait are told when to come back", async () => {
    const ids: string[] = [];
    for (const name of ["a", "b", "c", "d"]) ids.push(await server.job("steps", { name, steps: 20 }));
    const refused = await server.ask("POST", "/api/jobs/steps", { name: "e" });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await codeOf(refused)).toBe("server-busy");
    expect(server.board.counts()).toMatchObject({ running: 1, waiting: 3 });
    const last = server.events(ids[3]!);
    const all = await Promise.all([...ids.slice(0, 3).map(server.events), last]);
    expect(all.map((events) => events.at(-1)!.data)).toEqual(["a", "b", "c", "d"].map((name) => ({ name })));
    expect(all[3]![0]).toMatchObject({ event: "progress", data: { stage: "waiting for other jobs" } });
    expect(all[3]!.some(({ data }) => (data as { stage?: string }).stage === "counting d")).toBe(true);
    expect(started.slice(-4)).toEqual(["a", "b", "c", "d"]);
    expect(ended.slice(-4)).toEqual(["a", "b", "c", "d"]);
  });

  test("who waits and is ended never starts", async () => {
    const first = await server.job("steps", { name: "first", steps: 20 });
    const second = await server.job("steps", { name: "second" });
    expect((await server.ask("DELETE", `/api/jobs/${second}`)).status).toBe(204);
    expect(await stateOf(second)).toBe("cancelled");
    await server.events(first);
    await idle();
    expect(started).not.toContain("second");
  });
});

describe("ends", () => {
  test("by DELETE, of which listeners are told", async () => {
    const id = await server.job("steps", { name: "deleted", ...FOREVER });
    const events = server.events(id);
    await sleep(30);
    await server.ask("DELETE", `/api/jobs/${id}`);
    expect((await events).at(-1)).toEqual({ event: "cancelled", data: {} });
    await idle();
    expect(ended).toContain("deleted");
    expect((await server.ask("DELETE", `/api/jobs/${id}`)).status).toBe(204);
  });

  test("a job that does not hear of its end keeps its turn, and its result goes nowhere", async () => {
    const deaf = await server.job("deaf", { each: 300 });
    await eventually(() => server.board.counts().running === 1);
    await server.ask("DELETE", `/api/jobs/${deaf}`);
    const next = await server.job("steps", { name: "after the deaf" });
    expect(await stateOf(deaf)).toBe("cancelled");
    await server.events(next);
    expect(ended.slice(-2)).toEqual(["deaf", "after the deaf"]);
    expect(await stateOf(deaf)).toMatch(/cancelled|gone/);
  });

  test("when its only listener vanishes, after a few seconds", async () => {
    const id = await server.job("steps", { name: "deserted", ...FOREVER });
    const { heard, leave } = await listenTo(id);
    await eventually(() => heard.length > 3);
    leave();
    expect(await stateOf(id)).toBe("running");
    await idle();
    expect(await stateOf(id)).toBe("cancelled");
    expect(ended).toContain("deserted");
  });

  test("when nobody ever listens", async () => {
    const asked = performance.now();
    await server.job("steps", { name: "unheard", ...FOREVER });
    await idle();
    expect(performance.now() - asked).toBeGreaterThan(500);
    expect(ended).toContain("unheard");
  });
});

describe("goes on", () => {
  test("when its listener comes back in time", async () => {
    const id = await server.job("steps", { name: "reattached", steps: 200 });
    const first = await listenTo(id);
    await eventually(() => first.heard.length > 3);
    first.leave();
    await sleep(100);
    const events = await server.events(id);
    expect(events[0]).toMatchObject({ event: "progress", data: { stage: "counting reattached" } });
    expect(events.at(-1)).toEqual({ event: "done", data: { name: "reattached" } });
  });

  test("while one of two listens; a third is refused", async () => {
    const id = await server.job("steps", { name: "two", ...FOREVER });
    const [one, two] = [await listenTo(id), await listenTo(id)];
    const third = await server.ask("GET", `/api/jobs/${id}/events`);
    expect([third.status, await codeOf(third)]).toEqual([429, "server-busy"]);
    one.leave();
    await sleep(500);
    expect(await stateOf(id)).toBe("running");
    two.leave();
    await idle();
  });

  test("while somebody asks how it stands", async () => {
    const id = await server.job("steps", { name: "polled", steps: 200 });
    for (let i = 0; i < 8; i++) {
      await sleep(120);
      expect(await stateOf(id)).toMatch(/running|done/);
    }
    await idle();
    expect(await stateOf(id)).toBe("done");
  });
});

describe("results", () => {
  test("are kept a while for who has not read them, and shortly once read", async () => {
    const id = await server.job("steps", { name: "kept" });
    await idle();
    await sleep(600);
    expect(await stateOf(id)).toBe("done");
    await sleep(100);
    expect(await stateOf(id)).toBe("done");
    await sleep(500);
    expect(await stateOf(id)).toBe("gone");
  });

  test("are as many, and as large in all, as there is room for", async () => {
    const small: string[] = [];
    for (let i = 0; i < 6; i++) {
      small.push(await server.job("steps", { name: `small ${i}`, each: 0 }));
      await idle();
    }
    expect(server.board.counts().kept).toBe(4);
    expect(await stateOf(small[0]!)).toBe("gone");
    // Larger than all that may be kept, but the last.
    const large = await server.job("large", { elements: 100_000 });
    await idle();
    expect(server.board.counts().kept).toBe(1);
    const [done] = await server.events(large);
    expect(done!.data).toHaveProperty(["$tensor", "shape"], [100_000]);
  });
});

describe("faults", () => {
  test.each(["faulty", "unsendable"])("%s: are told to the terminal, and not to who asked", async (name) => {
    const before = server.faults.length;
    const [failed] = await server.events(await server.job(name, {}));
    expect(failed).toEqual({
      event: "failed",
      data: {
        error: { code: "internal", message: "a fault in Vitrine: the terminal that the server runs in says more" },
      },
    });
    expect(server.faults.length).toBe(before + 1);
  });
});

test("a quiet job's listeners get signs of life", async () => {
  const id = await server.job("deaf", { each: 450 });
  const response = await server.ask("GET", `/api/jobs/${id}/events`);
  const text = await response.text();
  expect(text).toMatch(/^: listening\n\n(?::\n\n){2,5}event: done\n/);
});

test("a listener that takes nothing of a large result is let go of", async () => {
  const id = await server.job("large", { elements: 8_000_000 });
  const socket = connect(server.port, "127.0.0.1");
  socket.write(`GET /api/jobs/${id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(socket, "readable");
  await sleep(1_500);
  let taken = 0;
  socket.on("error", () => undefined).on("data", (piece) => (taken += piece.length));
  await once(socket, "close");
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(30_000_000);
});
