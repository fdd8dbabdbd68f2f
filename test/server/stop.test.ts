/** `vitrine serve` as a process: what it prints, and how it ends. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, test } from "vitest";
import { eventsOf } from "../support/served.js";
import { type Finished, vitrine } from "../support/vitrine.js";

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

interface Started {
  readonly child: ChildProcess;
  /** The first line that it printed. */
  readonly line: string;
  readonly finished: Promise<Finished>;
}

async function serve(...args: string[]): Promise<Started> {
  let child!: ChildProcess;
  const finished = vitrine(["serve", ...args], { onStart: (started) => (child = started) });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  return { child, line, finished };
}

describe("it prints", () => {
  test("where it is, and with --json one document", async () => {
    const { child, line, finished } = await serve("--port", "0", "--json");
    const printed = JSON.parse(line) as { address: string; port: number; token: null; models: string[] };
    expect(printed).toMatchObject({ address: `http://127.0.0.1:${printed.port}/`, token: null });
    expect(printed.models[0]).toBe("clip-scenes");
    expect((await fetch(printed.address)).headers.get("content-security-policy")).toContain("default-src 'none'");
    const config = await fetch(new URL("config.json", printed.address));
    expect(await config.json()).toEqual({ backend: "server" });
    child.kill("SIGTERM");
    const { code, stdout, stderr } = await finished;
    expect({ code, stderr, lines: stdout.split("\n").length }).toEqual({ code: 0, stderr: "", lines: 2 });
  });

  test("the next port that is free, where 7777 is not", async () => {
    const [one, two] = [await serve(), await serve()];
    const ports = [one, two].map(({ line }) => Number(/:(\d+)\/$/.exec(line)?.[1]));
    expect(ports[0]).toBeGreaterThanOrEqual(7777);
    expect(ports[1]).toBeGreaterThan(ports[0]!);
    for (const { child, finished } of [one, two]) {
      child.kill("SIGINT");
      expect(await finished).toMatchObject({ code: 0, signal: null });
    }
  });
});

test.each<[signal: NodeJS.Signals]>([["SIGINT"], ["SIGTERM"], ["SIGHUP"]])(
  "%s in the middle of a job: its listener is told, and the process ends well",
  async (signal) => {
    const { child, line, finished } = await serve("--port", "0", "--json");
    const { address } = JSON.parse(line) as { address: string };
    const asked = await fetch(new URL("api/jobs/head-ablation", address), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "clip-scenes", scenes: 200, seed: 1 }),
    });
    const { id } = (await asked.json()) as { id: string };
    const events = eventsOf(await fetch(new URL(`api/jobs/${id}/events`, address)));
    const told: string[] = [];
    for await (const { event, data } of events) {
      if (told.length === 0) child.kill(signal);
      told.push(event === "failed" ? (data as { error: { code: string } }).error.code : event);
    }
    expect(told.at(-1)).toBe("server-stopping");
    expect(await finished).toMatchObject({ code: 0, signal: null, stderr: "" });
    await expect(fetch(address)).rejects.toThrow();
  },
);

describe("it does not start", () => {
  test("on a port in use", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const { code, stdout, stderr } = await vitrine(["serve", "--port", String(port)]);
    taken.close();
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      `vitrine: cannot listen there: 127.0.0.1:${port}: got a port in use; choose another --port, or 0 for any that is free [address-unusable]\n`,
    );
  });

  test.each<[what: string, args: string[], code: number, message: RegExp]>([
    ["on another machine's address", ["--host", "203.0.113.7"], 1, /\[address-unusable\]/],
    ["on a port that is none", ["--port", "70000"], 2, /from 0 to 65535/],
    ["with a model that is not there", ["--model", "nothing-of-this-name"], 2, /no such model/],
  ])("%s", async (_, args, code, message) => {
    const finished = await vitrine(["serve", ...args]);
    expect([finished.code, finished.stdout]).toEqual([code, ""]);
    expect(finished.stderr).toMatch(message);
  });
});
