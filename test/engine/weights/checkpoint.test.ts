import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../../src/engine/weights/read-stored.js";
import { writeSafetensors } from "../../../src/engine/weights/safetensors/write.js";
import { ROOT } from "../../support/paths.js";
import { errorOf, safetensorsBytes } from "./scratch.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
let counter = 0;
const fresh = () => mkdtempSync(join(folder, `${counter++}-`));
const fixture = (name: string) => join(ROOT, "test/fixtures/torch", name);

/** A file with one tensor "w" that holds `value`. */
const weights = (path: string, value = 1, name = "w") =>
  writeSafetensors(path, [{ name, dtype: "F32", shape: [1], data: Float32Array.of(value) }], { from: basename(path) });
const valueOf = async (path: string) => readStored((await openCheckpoint(path)).get("w")).data[0];

describe("a file", () => {
  it("gives names, tensors, notes and what was opened", async () => {
    const path = join(fresh(), "any-name");
    await weights(path, 4);
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.path).toBe(path);
    expect(checkpoint.names()).toEqual(["w"]);
    expect([checkpoint.has("w"), checkpoint.has("toString")]).toEqual([true, false]);
    expect(checkpoint.metadata["from"]).toBe("any-name");
    expect(checkpoint.files).toEqual([{ path: realpathSync(path), size: readFileSync(path).length }]);
    expect(await valueOf(path)).toBe(4);
  });

  it("resolves links, as in a hub cache, where the file itself has no telling name", async () => {
    const home = fresh();
    await weights(join(home, "0a1b2c"), 5);
    symlinkSync("0a1b2c", join(home, "model.safetensors"));
    const checkpoint = await openCheckpoint(join(home, "model.safetensors"));
    expect(checkpoint.files[0]!.path).toBe(realpathSync(join(home, "0a1b2c")));
    expect(checkpoint.get("w").bytes).toMatchObject({ file: realpathSync(join(home, "0a1b2c")) });
  });

  it("lists near names for a missing tensor", async () => {
    const path = join(fresh(), "m.safetensors");
    const names = ["visual.blocks.0.weight", "visual.blocks.1.weight", "text.embed", "logit_scale"];
    await writeSafetensors(
      path,
      names.map((name) => ({ name, dtype: "U8", shape: [1], data: Uint8Array.of(1) })),
    );
    const error = await errorOf(async () => (await openCheckpoint(path)).get("visual.block.0.weight"));
    expect(error.code).toBe("missing-tensor");
    expect(error.message).toMatch(/4 tensors, such as "visual.blocks.0.weight", "visual.blocks.1.weight"/);
  });

  it("sets apart an unsupported element type", async () => {
    const path = join(fresh(), "f8.safetensors");
    writeFileSync(path, safetensorsBytes('{"q":{"dtype":"F8_E5M2","shape":[2],"data_offsets":[0,2]}}', 2));
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.has("q")).toBe(true);
    expect((await errorOf(() => checkpoint.get("q"))).code).toBe("unsupported-dtype");
  });
});

describe("a file of another kind", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
  it.each([
    ["an empty file", Buffer.alloc(0)],
    ["an HTML page", Buffer.from("<!DOCTYPE html>\n<html><body>Not found</body></html>")],
    ["a Git LFS pointer", Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")],
    ["a PNG image", png],
    ["a JPEG image", Buffer.from("ffd8ffe000104a46", "hex")],
    ["an ONNX model", Buffer.from("0808120770797470726368", "hex")],
    ["a gzip archive", Buffer.from("1f8b0800000000000003", "hex")],
    ["an HDF5 file", Buffer.from("894844460d0a1a0a", "hex")],
    ["a NumPy array", Buffer.from("934e554d5059", "hex")],
    ["a GGUF model", Buffer.from("GGUF\x03")],
    ["a tar archive", Buffer.concat([Buffer.alloc(257, "a"), Buffer.from("ustar")])],
    ["a Python pickle", Buffer.from("80047d942e", "hex")],
    ["a JSON file", Buffer.from('{"error":"Repository not found"}')],
    ["a text file", Buffer.from("Access to this model is restricted.\n")],
    ["a file of unknown kind", Buffer.from("fefefefefefe", "hex")],
  ])("%s", async (kind, bytes) => {
    const path = join(fresh(), "model.bin");
    writeFileSync(path, bytes);
    const error = await errorOf(() => openCheckpoint(path));
    expect(error.code).toBe("checkpoint-format");
    expect(error.message).toContain(`got ${kind}`);
  });

  it("leaves a damaged safetensors file to its reader, who knows what is wrong", async () => {
    const path = join(fresh(), "model.safetensors");
    writeFileSync(path, Buffer.alloc(64, 0xfe));
    expect((await errorOf(() => openCheckpoint(path))).code).toBe("safetensors-header-too-large");
  });

  it("does not wait on a named pipe", async () => {
    const path = join(fresh(), "pipe");
    execFileSync("mkfifo", [path]);
    expect((await errorOf(() => openCheckpoint(path))).code).toBe("file-unreadable");
  });

  it("names a path that is not there", async () => {
    expect((await errorOf(() => openCheckpoint(join(folder, "absent")))).code).toBe("file-missing");
  });
});

describe("a folder", () => {
  it("opens the best that is there", async () => {
    const home = fresh();
    const order = ["only.pt", "open_clip_pytorch_model.bin", "pytorch_model.bin"];
    for (const name of order) {
      copyFileSync(fixture("plain.pt"), join(home, name));
      expect((await openCheckpoint(home)).files[0]!.path).toBe(realpathSync(join(home, name)));
    }
    const better = ["anything.safetensors", "open_clip_model.safetensors", "model.safetensors"];
    for (const [i, name] of better.entries()) {
      await weights(join(home, name), i);
      expect(await valueOf(home)).toBe(i);
    }
  });

  it("passes over half-written files and folders", async () => {
    const home = fresh();
    await weights(join(home, "a.safetensors"), 6);
    await weights(join(home, ".b.safetensors"), 7);
    mkdirSync(join(home, "c.safetensors"));
    expect(await valueOf(home)).toBe(6);
  });

  it("does not guess between several", async () => {
    const home = fresh();
    await weights(join(home, "a.safetensors"));
    await weights(join(home, "b.safetensors"));
    const error = await errorOf(() => openCheckpoint(home));
    expect(error.code).toBe("ambiguous-checkpoint");
    expect(error.message).toContain('"a.safetensors", "b.safetensors"');
  });

  it("does not take a lone shard for the whole", async () => {
    const home = fresh();
    await weights(join(home, "model-00001-of-00002.safetensors"));
    expect((await errorOf(() => openCheckpoint(home))).code).toBe("no-checkpoint");
  });

  it("lists what is there when nothing fits", async () => {
    const home = fresh();
    expect((await errorOf(() => openCheckpoint(home))).message).toContain("no files");
    for (let i = 0; i < 30; i++) writeFileSync(join(home, `note-${i}.txt`), "x");
    const error = await errorOf(() => openCheckpoint(home));
    expect(error.code).toBe("no-checkpoint");
    expect(error.message).toMatch(/"note-0.txt".* and 10 more/);
  });
});

describe("a sharded checkpoint", () => {
  const index = (home: string, value: unknown, name = "model.safetensors.index.json") => {
    const path = join(home, name);
    writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
    return path;
  };
  const twoShards = async () => {
    const home = fresh();
    await weights(join(home, "model-00001-of-00002.safetensors"), 1, "a");
    await weights(join(home, "model-00002-of-00002.safetensors"), 2, "w");
    return home;
  };
  const map = { a: "model-00001-of-00002.safetensors", w: "model-00002-of-00002.safetensors" };

  it("is one checkpoint, by folder or by index", async () => {
    const home = await twoShards();
    const path = index(home, { metadata: { total_size: 8 }, weight_map: map });
    for (const given of [home, path]) {
      const checkpoint = await openCheckpoint(given);
      expect(checkpoint.path).toBe(given);
      expect(checkpoint.names()).toEqual(["a", "w"]);
      expect(checkpoint.files.map((file) => basename(file.path))).toEqual(Object.values(map));
      expect(checkpoint.metadata["from"]).toBe(map.a);
      expect(await valueOf(given)).toBe(2);
    }
  });

  it("may consist of torch files", async () => {
    const home = fresh();
    copyFileSync(fixture("plain.pt"), join(home, "pytorch_model-00001-of-00001.bin"));
    index(home, { weight_map: { bias: "pytorch_model-00001-of-00001.bin" } }, "pytorch_model.bin.index.json");
    expect((await openCheckpoint(home)).names()).toEqual(["bias"]);
  });

  it.each([
    ["shard-name", { weight_map: { a: "../model.safetensors" } }],
    ["shard-name", { weight_map: { a: ".." } }],
    ["shard-name", { weight_map: { a: "" } }],
    ["shard-name", { weight_map: { a: "/etc/passwd" } }],
    ["shard-name", { weight_map: { a: "sub/model.safetensors" } }],
    ["shard-name", { weight_map: { a: "C:model.safetensors" } }],
    ["shard-name", { weight_map: { a: "..\\model.safetensors" } }],
    ["shard-name", { weight_map: { a: "a\0b" } }],
    ["shard-missing", { weight_map: { ...map, b: "model-00003-of-00003.safetensors" } }],
    ["shard-tensor", { weight_map: { ...map, b: map.a } }],
    ["shard-tensor", { weight_map: { ...map, a: map.w } }],
    ["shard-limit", { weight_map: Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`t${i}`, `s${i}`])) }],
    ["shard-index", { weight_map: { a: 1 } }],
    ["shard-index", { weight_map: ["a"] }],
    ["shard-index", {}],
    ["shard-index", []],
    ["shard-index", "not JSON"],
    ["shard-index", '{"weight_map":{"a":"x","a":"y"}}'],
    ["shard-index", "[".repeat(100_000)],
  ])("%s: %j", async (code, value) => {
    const home = await twoShards();
    expect((await errorOf(() => openCheckpoint(index(home, value)))).code).toBe(code);
  });

  it("treats a tensor called __proto__ like any other", async () => {
    const home = await twoShards();
    const path = index(home, `{"weight_map":{"__proto__":"${map.a}"}}`);
    expect((await errorOf(() => openCheckpoint(path))).code).toBe("shard-tensor");
  });
});
