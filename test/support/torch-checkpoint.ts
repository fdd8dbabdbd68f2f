/** State dicts as `torch.save` writes them: a zip archive of a pickle and of one record per storage. */
import { writeFileSync } from "node:fs";
import { pickle, PROTO, tensor, text } from "../engine/weights/pickle-writer.js";
import { zipBytes } from "../engine/weights/zip-writer.js";
import type { Tensors } from "./clips.js";

export function writeTorch(path: string, tensors: Tensors): void {
  const entries = [...tensors].map(([name, { shape, data }], i) => {
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    return pickle(text(name), tensor({ key: String(i), count: data.length, shape, strides }));
  });
  const stateDict = pickle(PROTO, "}(", ...entries, "u.");
  const storages = [...tensors.values()].map(({ data }, i) => ({
    name: `archive/data/${i}`,
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  }));
  writeFileSync(path, zipBytes([{ name: "archive/data.pkl", data: stateDict }, ...storages]));
}
