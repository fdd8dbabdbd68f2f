import { freemem } from "node:os";
import { MemoryShortError } from "../clip/errors.js";

/** One program reads prompts, another goes on token by token, and each holds the weights. */
const PROGRAMS = 2;

/** Throws {@link MemoryShortError} where a language model with weights of so many bytes does not fit into what is free. */
export function checkMemory(where: string, weightBytes: number, free = freemem()): void {
  const needed = PROGRAMS * weightBytes;
  if (needed <= free) return;
  throw new MemoryShortError({
    what: "the model does not fit into memory",
    where,
    got: `${gigabytes(needed)} needed`,
    expected: `at most ${gigabytes(free)}, which are free`,
    fix: "write it again in fewer bits with `vitrine models quantize`, or end other programs",
  });
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
