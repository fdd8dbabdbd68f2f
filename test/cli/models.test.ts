import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ZOO } from "../../src/models/locate.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { HubServer } from "../support/hub-server.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();
const json = async (...args: string[]): Promise<unknown> => JSON.parse((await vitrine([...args, "--json"])).stdout);

test("--help is quick, and names every command", async () => {
  const { stdout, code } = await vitrine(["--help"]);
  expect(code).toBe(0);
  for (const name of ["decompose", "models", "bench", "--json"]) expect(stdout).toContain(name);
});

test("info tells sizes, and where the activation is from", async () => {
  expect(await json("models", "info", "clip-random")).toMatchObject({
    origin: "zoo",
    layout: "open-clip",
    activationFrom: "open_clip_config.json",
    vision: {
      layers: 4,
      heads: 4,
      width: 128,
      headWidth: 32,
      hidden: 512,
      imageSize: 128,
      grid: 8,
      tokens: 65,
      activation: "gelu",
    },
    text: { layers: 2, heads: 2, width: 64, contextLength: 77 },
    features: 64,
    tokenizer: true,
  });
});

test("info counts the parameters that the file holds", async () => {
  const { vision, text } = (await json("models", "info", "clip-random")) as Record<
    "vision" | "text",
    { parameters: number }
  >;
  const bytes = await readFile(join(ZOO, "clip-random/open_clip_model.safetensors"));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE()))) as Record<
    string,
    { shape: number[] }
  >;
  delete header["__metadata__"];
  const all = Object.values(header).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  // The logit scale belongs to neither tower.
  expect(vision.parameters + text.parameters + 1).toBe(all);
});

test("info --sites lists both towers' sites with shapes", async () => {
  const { stdout } = await vitrine(["models", "info", "clip-random", "--sites"]);
  expect(stdout).toMatch(/visual\.blocks\.\*\.attn\.pattern +\[1,4,65,65\] +\* is 0 to 3\n/);
  expect(stdout).toMatch(/text\.features +\[1,64\]\n/);
});

test("random writes a model that can be used, the same for the same seed, and overwrites none", async () => {
  const [a, b] = [join(folder, "a"), join(folder, "b")];
  for (const out of [a, b]) expect((await vitrine(["models", "random", "--out", out, "--seed", "7"])).code).toBe(0);
  const hashes = [a, b].map(async (out) => {
    return createHash("sha256")
      .update(await readFile(join(out, "open_clip_model.safetensors")))
      .digest("hex");
  });
  const [first, second] = await Promise.all(hashes);
  expect(first).toBe(second);
  expect(await json("models", "info", a)).toMatchObject({ origin: "path", vision: { layers: 4 } });

  const again = await vitrine(["models", "random", "--out", a]);
  expect(again).toMatchObject({ code: 2, stdout: "" });
  expect(again.stderr).toMatch(/\[output-exists\]\n$/);
});

describe("a model on the hub", () => {
  let hub: HubServer;
  const cache = join(folder, "cache");
  const run = (...args: string[]): ReturnType<typeof vitrine> =>
    vitrine(args, { env: { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: cache, VITRINE_CACHE: join(folder, "records") } });

  beforeAll(async () => {
    hub = await HubServer.start();
    const names = await readdir(join(ZOO, "clip-random"));
    const files = names.map(async (name) => {
      const content = await readFile(join(ZOO, "clip-random", name));
      return [name, { content, lfs: name.endsWith(".safetensors") }] as const;
    });
    hub.addCommit("someone/clip-tiny", "1".repeat(40), Object.fromEntries(await Promise.all(files)));
  });
  afterAll(() => hub.close());

  test("is pulled, listed, verified, and found damaged", async () => {
    const pulled = await run("models", "pull", "someone/clip-tiny");
    expect([pulled.code, pulled.stderr]).toEqual([0, ""]);
    expect(pulled.stdout).toContain("open_clip_model.safetensors");

    const listed = JSON.parse((await run("models", "list", "--json")).stdout) as { zoo: unknown[]; hub: unknown[] };
    expect(listed.zoo).toContainEqual(expect.objectContaining({ name: "clip-random" }));
    expect(listed.hub).toEqual([
      expect.objectContaining({ id: "someone/clip-tiny", revision: "main", commit: "1".repeat(40), clip: true }),
    ]);

    const verified = await run("models", "verify", "someone/clip-tiny");
    expect(verified.code).toBe(0);
    expect(verified.stdout.match(/ ok\n/g)).toHaveLength(3);

    const blob = join(cache, "models--someone--clip-tiny/blobs");
    const weights = createHash("sha256")
      .update(await readFile(join(ZOO, "clip-random/open_clip_model.safetensors")))
      .digest("hex");
    const bytes = await readFile(join(blob, weights));
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(join(blob, weights), bytes);
    const damaged = await run("models", "verify", "someone/clip-tiny", "--json");
    expect(damaged.code).toBe(1);
    expect(JSON.parse(damaged.stdout)).toMatchObject({ ok: false });
    expect(damaged.stderr).toMatch(/^vitrine: damaged files .*open_clip_model\.safetensors; delete them.*\n$/);
  });
});
