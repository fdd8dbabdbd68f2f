import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UnsupportedDTypeError } from "../../../src/engine/weights/errors.js";
import { openCheckpoint } from "../../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../../src/engine/weights/read-stored.js";
import { ROOT } from "../../support/paths.js";

const FOLDER = join(ROOT, "test/fixtures/torch");

interface ExpectedTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** What torch itself says is in each file: written by make.py. */
const EXPECTED = JSON.parse(readFileSync(join(FOLDER, "expected.json"), "utf8")) as Record<
  string,
  Record<string, ExpectedTensor>
>;

const open = (file: string) => openCheckpoint(join(FOLDER, file));

describe("files written by torch", () => {
  it.each(Object.keys(EXPECTED))("%s reads as torch reads it", async (file) => {
    const checkpoint = await open(file);
    const expected = EXPECTED[file]!;
    const readable = checkpoint.names().filter((name) => name in expected);
    expect(readable.sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { shape, values }] of Object.entries(expected)) {
      const { shape: gotShape, data } = readStored(checkpoint.get(name));
      expect({ name, shape: gotShape, values: [...data] }).toEqual({ name, shape, values: values.map(Math.fround) });
    }
  });

  it("leaves contiguous tensors in the file, and gathers only the others", async () => {
    const checkpoint = await open("ordered.pt");
    const inMemory = checkpoint.names().filter((name) => checkpoint.get(name).bytes instanceof Uint8Array);
    expect(inMemory).toEqual(["transposed", "every_other", "expanded", "f16_transposed"]);
  });

  it("lets views of one storage share its bytes", async () => {
    const checkpoint = await open("ordered.pt");
    const whole = checkpoint.get("whole").bytes as { offset: number };
    const rows = checkpoint.get("rows").bytes as { offset: number };
    expect(rows.offset - whole.offset).toBe(1 * 3 * 4);
  });

  it("names the tensors of a TorchScript module by attribute path, and nothing else", async () => {
    const checkpoint = await open("script.pt");
    expect(checkpoint.names()).toContain("visual.transformer.resblocks.0.ln.weight");
    expect(checkpoint.get("visual.conv1.weight").dtype).toBe("F16");
    expect(checkpoint.names().some((name) => /training|heads|width|context_length/.test(name))).toBe(false);
  });

  it("opens a file beside an unsupported tensor, and refuses that tensor by name", async () => {
    const checkpoint = await open("complex.pt");
    expect(checkpoint.names()).toEqual(["x", "z"]);
    expect(checkpoint.has("z")).toBe(true);
    expect(() => checkpoint.get("z")).toThrow(UnsupportedDTypeError);
    expect(() => checkpoint.get("z")).toThrow(/"z".*got complex64/);
  });
});
