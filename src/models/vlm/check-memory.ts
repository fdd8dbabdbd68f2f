import { freemem } from "node:os";
import { MemoryShortError } from "../clip/errors.js";
import type { NeededBytes } from "./assemble.js";

/** One program reads prompts, another goes on token by token, and each holds the language model's weights. */
const PROGRAMS = 2;

/** Throws {@link MemoryShortError} where a model whose weights take so much does not fit into what is free. */
export function checkMemory(where: string, { language, others }: NeededBytes, free = freemem()): void {
  const needed = PROGRAMS * language + others;
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
