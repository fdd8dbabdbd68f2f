/** What the command line says to bad input: one line, with a code and an exit code, and nothing on stdout. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { writeSafetensors } from "../../src/engine/weights/safetensors/write.js";
import { ZOO } from "../../src/models/locate.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { ROOT } from "../support/paths.js";
import { vitrine } from "../support/vitrine.js";

const FISH = join(ROOT, "examples/fish.png");
const folder = scratchFolder();

beforeAll(async () => {
  const file = (name: string): string => join(folder, name);
  await mkdir(file("folder"));
  await writeFile(file("text.png"), "this is text");
  await writeFile(file("empty.png"), "");
  await writeFile(file("huge.png"), hugePng());
  await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
    .toColourspace("cmyk")
    .jpeg()
    .toFile(file("print.jpg"));
  const frames = Buffer.from(Array.from({ length: 8 * 24 * 3 }, (_, i) => (i * 37) % 256));
  await sharp(frames, { raw: { width: 8, height: 24, channels: 3, pageHeight: 8 } })
    .gif()
    .toFile(file("animated.gif"));
  const zeros = (shape: number[]) => ({
    dtype: "F32" as const,
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });
  await writeSafetensors(file("other.safetensors"), [{ name: "fc.weight", ...zeros([4, 4]) }]);
  await writeSafetensors(file("small.safetensors"), [{ name: "pixels", ...zeros([2, 3, 64, 64]) }]);
  const nan = zeros([2, 3, 128, 128]);
  nan.data[3 * 128 * 128 + 5] = NaN;
  await writeSafetensors(file("nan.safetensors"), [{ name: "pixels", ...nan }]);
  await alteredModel("misnamed", (header) => renameKey(header, "visual.ln_post.weight", "visual.ln_post.weigth"));
  await alteredModel("misshapen", (header) => {
    (header["visual.ln_post.weight"] as { shape: number[] }).shape = [2, 64];
    return header;
  });
});

type Header = Record<string, unknown>;

/** A copy of `clip-random` whose header is another one. */
async function alteredModel(name: string, alter: (header: Header) => Header): Promise<void> {
  const from = join(ZOO, "clip-random");
  await mkdir(join(folder, name));
  for (const file of ["open_clip_config.json", "tokenizer.json"])
    await writeFile(join(folder, name, file), await readFile(join(from, file)));
  const bytes = await readFile(join(from, "open_clip_model.safetensors"));
  const end = 8 + Number(bytes.readBigUInt64LE());
  const json = JSON.stringify(alter(JSON.parse(bytes.toString("utf8", 8, end)) as Header));
  const head = Buffer.alloc(8 + json.length, " ");
  head.writeBigUInt64LE(BigInt(json.length));
  head.write(json, 8);
  await writeFile(join(folder, name, "open_clip_model.safetensors"), Buffer.concat([head, bytes.subarray(end)]));
}

function renameKey(header: Header, from: string, to: string): Header {
  return Object.fromEntries(Object.entries(header).map(([key, value]) => [key === from ? to : key, value]));
}

/** Only a header, which says that the picture has 60,000 × 60,000 pixels. */
function hugePng(): Buffer {
  const header = Buffer.from("89504e470d0a1a0a0000000d49484452000000000000000008020000000000000000000000", "hex");
  header.writeUInt32BE(60_000, 16);
  header.writeUInt32BE(60_000, 20);
  return header;
}

/** Arguments after `decompose`, the code, and what the line must hold. `F` stands for a good picture. */
const REFUSALS: readonly (readonly [args: string, code: string, exit: number, says: RegExp])[] = [
  ["missing.png", "image-file-missing", 1, /missing\.png/],
  ["folder", "image-is-directory", 1, /folder: got a directory/],
  ["text.png", "not-an-image", 1, /text\.png: got text, expected JPEG/],
  ["empty.png", "image-file-empty", 1, /got 0 bytes/],
  ["huge.png", "image-too-many-pixels", 1, /60000×60000/],
  ["print.jpg", "image-cmyk", 1, /got CMYK, expected RGB/],
  ["animated.gif", "image-animated", 1, /3 frames.*--frame/],
  ["F --model other.safetensors", "wrong-family", 1, /got 1 tensors such as fc\.weight/],
  ["F --model misnamed", "missing-tensor", 1, /visual\.ln_post\.weight.*such as "visual\.ln_post\.weigth"/],
  ["F --model misshapen", "weight-shape", 1, /ln_post\.weight: got \[2,64\], expected \[128\]/],
  ["F --model nobody/nothing", "hub-unreachable", 1, /nobody\/nothing@main.*--offline/],
  ["F --model no-such-model", "usage", 2, /no such model: got "no-such-model"/],
  ["", "usage", 2, /got no pictures, expected picture files, or --pixels FILE/],
  ["F --batch 0", "usage", 2, /'--batch <n>' argument '0' is invalid.*from 1 to 1024/],
  ["F --bach 3", "usage", 2, /unknown option '--bach'; did you mean --batch\? see `vitrine decompose --help`/],
  ["F --text cat --text cat", "usage", 2, /same --text twice: got "cat"/],
  ["F --text=", "usage", 2, /empty --text/],
  ["F --full", "usage", 2, /expected --out DIR/],
  ["F --pixels small.safetensors", "usage", 2, /pictures and --pixels at once/],
  [
    "--pixels small.safetensors --model clip-random",
    "pixel-shape",
    1,
    /got F32 \[2,3,64,64\], expected floats \[B,3,128,128\]/,
  ],
  ["--pixels other.safetensors", "missing-tensor", 1, /no tensor "pixels".*"fc\.weight"/],
  ["--pixels nan.safetensors --model clip-random", "pixel-value", 1, /row 1: got NaN/],
  ["F --out text.png", "file-unwritable", 1, /text\.png: got ENOTDIR/],
];

/** At the same time: most of them wait for Node to start, and one for a hub that does not answer. */
describe.concurrent("vitrine decompose", { timeout: 60_000 }, () => {
  test.each(REFUSALS)("%s", async (args, code, exit, says) => {
    const words = args
      .split(" ")
      .filter(Boolean)
      .map((word) => (word === "F" ? FISH : word));
    const env = {
      HF_ENDPOINT: "http://127.0.0.1:1",
      HF_HUB_CACHE: join(folder, "cache"),
      VITRINE_CACHE: join(folder, "records"),
    };
    const { code: got, stdout, stderr } = await vitrine(["decompose", ...words], { cwd: folder, env });
    const lines = stderr.trimEnd().split("\n");
    expect(lines, stderr).toHaveLength(1);
    expect(lines[0]).toMatch(/^vitrine: /);
    expect(lines[0]).toMatch(says);
    expect(lines[0]!.endsWith(` [${code}]`), stderr).toBe(true);
    expect({ exit: got, stdout }).toEqual({ exit, stdout: "" });
  });
});

test("an unknown command is named, and the one that was meant", async () => {
  const { code, stderr } = await vitrine(["decompos"]);
  expect(code).toBe(2);
  expect(stderr).toBe("vitrine: unknown command 'decompos'; did you mean decompose? see `vitrine --help` [usage]\n");
});

test("with --json the error is a document on stdout as well, also when parsing stopped before it", async () => {
  const { code, stdout } = await vitrine(["decompose", FISH, "--bogus", "--json"]);
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "usage", message: /unknown option '--bogus'/ } });
});

test("--debug adds the stack", async () => {
  const { stderr } = await vitrine(["decompose", "missing.png", "--debug"], { cwd: folder });
  expect(stderr).toMatch(/\[image-file-missing\]\nImageFileMissingError: .*\n {4}at /);
});

test("control characters of a file name do not reach the terminal", async () => {
  const { stderr } = await vitrine(["decompose", "\u001b[31mred\u001b[0m.png"], { cwd: folder });
  expect(stderr).toContain("red");
  expect(stderr).not.toContain("\u001b");
});
