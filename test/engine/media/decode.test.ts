import { createHash } from "node:crypto";
import { chmod, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import { decodeImage, type DecodeOptions } from "../../../src/engine/media/decode.js";
import { encodePng } from "../../../src/engine/media/encode.js";
import { fixtureBytes, noise, pillowFixtures, waves } from "./fixtures.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitrine-decode-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("decodes to the bytes that Pillow decodes to", () => {
  test.each(pillowFixtures("decode").map((f) => [f.name, f] as const))("%s", async (_, fixture) => {
    const { width, height, data } = await decodeImage(fixtureBytes(fixture));
    expect([width, height]).toEqual([fixture.width, fixture.height]);
    expect(createHash("sha256").update(data).digest("hex")).toBe(fixture.sha256);
  });
});

test("orientation of a TIFF is applied", async () => {
  const upright = waves(6, 4);
  const tiff = await raw(upright).withMetadata({ orientation: 3 }).tiff({ compression: "lzw" }).toBuffer();
  const { data } = await decodeImage(tiff);
  expect([...data.subarray(0, 3)]).toEqual([...upright.data.subarray(-3)]);
});

test("AVIF is read", async () => {
  const flat = { width: 16, height: 8, data: new Uint8Array(16 * 8 * 3).fill(200) };
  const { width, height, data } = await decodeImage(await raw(flat).avif({ lossless: true, effort: 0 }).toBuffer());
  expect([width, height]).toEqual([16, 8]);
  expect(data.every((level) => Math.abs(level - 200) <= 2)).toBe(true);
});

test("colour profiles are ignored", async () => {
  const image = noise(9, 7, 5);
  const p3 = await sharp(await raw(image).withIccProfile("p3").png().toBuffer()).metadata();
  const profile = chunk("iCCP", Buffer.concat([latin1("p3\0\0"), deflateSync(p3.icc!)]));
  const plain = await encodePng(image);
  const tagged = Buffer.concat([plain.subarray(0, 33), profile, plain.subarray(33)]);
  expect(await decodeImage(tagged)).toEqual(image);
  expect([...(await sharp(tagged).raw().toBuffer())], "the profile must matter to who heeds it").not.toEqual([
    ...image.data,
  ]);
});

test("16-bit colour keeps the high byte", async () => {
  const deep = Uint16Array.from({ length: 5 * 4 * 3 }, (_, i) => (i * 4241) & 0xffff);
  const png = await sharp(deep, { raw: { width: 5, height: 4, channels: 3 } })
    .toColourspace("rgb16")
    .png()
    .toBuffer();
  expect([...(await decodeImage(png)).data]).toEqual([...deep].map((level) => level >> 8));
});

test("a file gives what its bytes give; encodePng loses nothing and repeats", async () => {
  const image = noise(33, 21, 4);
  const png = await encodePng(image);
  const path = join(folder, "noise.png");
  await writeFile(path, png);
  expect(await decodeImage(path)).toEqual(image);
  expect(await decodeImage(png)).toEqual(image);
  expect(await encodePng(image)).toEqual(png);
});

describe("frames", () => {
  const frames = [noise(8, 6, 1), noise(8, 6, 2), noise(8, 6, 3)];
  const strip = sharp(Buffer.concat(frames.map((f) => f.data)), {
    raw: { width: 8, height: 18, channels: 3, pageHeight: 6 },
  });
  const webp = strip.clone().webp({ lossless: true });

  test("a frame of an animation is picked by number", async () => {
    const bytes = await webp.toBuffer();
    for (const [frame, expected] of frames.entries()) expect(await decodeImage(bytes, { frame })).toEqual(expected);
  });

  test("an animation without a choice is refused", async () => {
    await fails(await webp.toBuffer(), "image-animated", "got WebP with 3 frames");
    await fails(await strip.clone().gif().toBuffer(), "image-animated", "pass --frame 0");
    await fails(animatedPng(2), "image-animated", "got PNG with 2 frames");
  });

  test("a still picture has frame 0 only", async () => {
    const png = await encodePng(frames[0]!);
    expect(await decodeImage(png, { frame: 0 })).toEqual(frames[0]);
    await fails(png, "image-frame-out-of-range", "got frame 1, expected frame 0, the only one", { frame: 1 });
    await fails(await webp.toBuffer(), "image-frame-out-of-range", "expected a frame from 0 to 2", { frame: 3 });
  });

  test("an animated PNG gives its first frame only", async () => {
    expect((await decodeImage(animatedPng(2), { frame: 0 })).width).toBe(1);
    await fails(animatedPng(2), "image-format-unsupported", "got frame 1 of an animated PNG", { frame: 1 });
    expect((await decodeImage(animatedPng(1))).width).toBe(1);
  });

  test.each([-1, 0.5, Number.NaN])("frame %s is a usage error", async (frame) => {
    await fails(await encodePng(frames[0]!), "usage", "unusable frame", { frame });
  });
});

describe("files that cannot be read", () => {
  test("missing", () => fails(join(folder, "none.png"), "image-file-missing", "none.png"));
  test("below a file", async () => {
    await writeFile(join(folder, "file"), "x");
    await fails(join(folder, "file", "a.png"), "image-file-missing", "a.png");
  });
  test("a directory", () => fails(folder, "image-is-directory", "got a directory"));
  test("a device", () => fails("/dev/null", "image-not-readable", "a pipe, socket or device"));
  test("an impossible name", () => fails(join(folder, "x".repeat(300)), "image-not-readable", "ENAMETOOLONG"));
  test.skipIf(process.getuid?.() === 0)("without permission", async () => {
    const path = join(folder, "secret.png");
    await writeFile(path, "x");
    await chmod(path, 0);
    await fails(path, "image-not-readable", "EACCES");
  });
  test("empty", async () => {
    await writeFile(join(folder, "empty.png"), "");
    await fails(join(folder, "empty.png"), "image-file-empty", "0 bytes");
    await fails(new Uint8Array(0), "image-file-empty", "image bytes");
  });
  test("over 256 MB, from the size alone", async () => {
    const path = join(folder, "huge.png");
    await writeFile(path, "");
    await truncate(path, 300 * 1024 * 1024);
    await fails(path, "image-file-too-large", "got 314572800 bytes, expected at most 268435456 bytes");
  });
});

describe("files that are no readable image", () => {
  const foreign = {
    "PK\x03\x04zip": "a ZIP archive",
    '{"a":1}': "JSON text",
    "<!DOCTYPE html><p>": "an HTML page",
    "hello there": "text",
    "\0\x01\x02\x03garbage": "unknown binary data",
    "version https://git-lfs.github.com/spec/v1": "a Git LFS pointer",
    "\0\0\0\x18ftypmp42\0\0\0\0isommp42": "an MP4 or QuickTime video",
    "RIFF\0\0\0\0AVI LIST": "an AVI video",
    "RIFF\0\0\0\0WAVEfmt ": "a RIFF file without an image",
  };
  test.each(Object.entries(foreign))("%j", (text, looksLike) => fails(latin1(text), "not-an-image", looksLike));

  const unsupported = {
    "BM\x36\0\0\0": "a BMP image",
    "%PDF-1.7": "a PDF document",
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>': "an SVG drawing",
    "<svg width='9'>": "an SVG drawing",
    "\0\0\0\x18ftypheic\0\0\0\0mif1heic": "a HEIC image",
    "\0\0\x01\0\x01\0": "a Windows icon",
    "P6\n2 2\n255\n": "a portable bitmap (PNM)",
    "\xff\x0aJXL": "a JPEG XL image",
  };
  test.each(Object.entries(unsupported))("%j", (text, looksLike) =>
    fails(latin1(text), "image-format-unsupported", looksLike),
  );

  test("32-bit samples", async () => {
    const [tiff] = pillowFixtures("refused").map(fixtureBytes);
    await fails(tiff!, "image-format-unsupported", "TIFF with float samples");
  });

  test("CMYK", async () => {
    const jpeg = await raw(noise(16, 16, 1))
      .toColourspace("cmyk")
      .jpeg()
      .toBuffer();
    await fails(jpeg, "image-cmyk", "got CMYK, expected RGB or grey; convert it to RGB first");
  });
});

describe("sizes are checked in the header", () => {
  test("a lying header of 40,000×40,000 costs nothing", async () => {
    const numbers = "got 40000×40000 = 1600000000 pixels, expected at most 64000000";
    await fails(png(40_000, 40_000), "image-too-many-pixels", numbers);
    const jpeg = await raw(noise(8, 8, 1))
      .jpeg()
      .toBuffer();
    jpeg.writeUInt32BE(0x9c409c40, jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5);
    await fails(jpeg, "image-too-many-pixels", numbers);
  });
  test("maxPixels moves the limit, and is inclusive", async () => {
    const bytes = await encodePng(noise(10, 10, 1));
    expect((await decodeImage(bytes, { maxPixels: 100 })).width).toBe(10);
    await fails(bytes, "image-too-many-pixels", "got 10×10 = 100 pixels, expected at most 99", { maxPixels: 99 });
    await fails(bytes, "usage", "unusable maxPixels", { maxPixels: 0 });
  });
  test("no pixels", () => fails(png(0, 5), "image-without-pixels", "got 0×5, expected at least 1×1"));
});

describe("cut short", () => {
  test.each(["jpeg", "progressive", "png", "webp", "gif", "tiff"])("%s at every twentieth", async (kind) => {
    const picture = raw(noise(40, 30, 2));
    const bytes = await (
      kind === "progressive" ? picture.jpeg({ progressive: true }) : picture.toFormat(kind as "jpeg")
    ).toBuffer();
    for (let part = 1; part < 20; part++) {
      await fails(bytes.subarray(0, Math.floor((bytes.length * part) / 20)), "image-corrupt", "cut short");
    }
  });
});

async function fails(input: string | Uint8Array, code: string, part: string, options?: DecodeOptions): Promise<void> {
  const error: unknown = await decodeImage(input, options).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(VitrineError);
  const { code: got, message } = error as VitrineError;
  expect([got, message]).toEqual([code, expect.stringContaining(part)]);
  expect(message).not.toContain("\n");
}

function raw({ width, height, data }: { width: number; height: number; data: Uint8Array }): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** A PNG whose header claims this size; its pixel data is one black pixel. */
function png(width: number, height: number, ...beforePixels: Uint8Array[]): Uint8Array {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const pixels = chunk("IDAT", deflateSync(Buffer.alloc(4)));
  return Buffer.concat([
    latin1("\x89PNG\r\n\x1a\n"),
    chunk("IHDR", header),
    ...beforePixels,
    pixels,
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function animatedPng(frames: number): Uint8Array {
  return png(1, 1, chunk("acTL", Buffer.from([0, 0, 0, frames, 0, 0, 0, 0])));
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([latin1(type), content]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(content.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}
