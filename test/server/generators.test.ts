/** Models that make pictures, over HTTP, beside one that looks at them. */
import { expect, test } from "vitest";
import { fromWire, type Json } from "../../src/jobs/wire.js";
import type { GeneratorInfo, ProjectedPicture } from "../../src/jobs/index.js";
import { served } from "../support/served.js";

const server = await served({ models: ["clip-scenes", "ign-glyphs"] });

async function outcome(name: string, params: unknown): Promise<{ readonly event: string; readonly data: unknown }> {
  return (await server.events(await server.job(name, params))).at(-1)!;
}
const result = async <R>(name: string, params: unknown): Promise<R> => {
  const { event, data } = await outcome(name, params);
  expect(event, JSON.stringify(data)).toBe("done");
  return fromWire(data as Json) as R;
};
const code = async (name: string, params: unknown): Promise<string> => {
  const { data } = await outcome(name, params);
  return (data as { error?: { code: string }; code?: string }).error?.code ?? (data as { code: string }).code;
};

test("each kind is listed as what it is, and opened for its own jobs alone", async () => {
  const models = await result<readonly { ref: string; kind: string; summary: string }[]>("models", {});
  expect(models.map(({ ref, kind }) => [ref, kind])).toEqual([
    ["clip-scenes", "clip"],
    ["ign-glyphs", "generator"],
  ]);
  expect(models[1]!.summary).toContain("Makes pictures of 28 × 28, grey.");
  expect(await code("model-info", { model: "ign-glyphs" })).toBe("wrong-family");
  expect(await code("generator-info", { model: "clip-scenes" })).toBe("wrong-family");
  expect(await code("generator-info", { model: "/etc" })).toBe("unknown-model");
});

test("a picture is projected there", async () => {
  const info = await result<GeneratorInfo>("generator-info", { model: "ign-glyphs" });
  expect(info).toMatchObject({ size: 28, channels: 1 });
  expect(info.digest).toMatch(/^[0-9a-f]{64}$/);
  const levels = Buffer.alloc(28 * 28, 255).toString("base64");
  const { results, moves } = await result<ProjectedPicture>("project", { model: "ign-glyphs", levels });
  expect(results.shape).toEqual([2, 1, 28, 28]);
  // A white square is nothing that it knows.
  expect(moves[0]).toBeGreaterThan(info.knownDrift!.most);
});
