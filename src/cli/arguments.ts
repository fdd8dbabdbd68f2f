/** Options that several commands have, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { DEVICES } from "../engine/runtime/session.js";
import type { HeadPlace } from "../models/clip/head-place.js";
import { headNamed } from "./head-names.js";

/** Options of every command that loads a model. */
export function modelOptions(command: Command): Command {
  return command
    .option("-m, --model <ref>", "zoo name, folder, file or hub id", "clip-scenes")
    .addOption(new Option("--device <name>", "where to compute").choices(DEVICES).default("cpu"))
    .addOption(
      new Option("--activation <name>", "override the model's activation").choices(["gelu", "quick_gelu", "gelu_tanh"]),
    )
    .option("--image-size <pixels>", "override the model's input size", wholeNumber(1, 8192))
    .option("--revision <name>", "branch, tag or commit of a hub id")
    .option("--offline", "use only what is on this machine");
}

export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** A head by name, after those before it. */
export function collectHeads(value: string, previous: readonly HeadPlace[] = []): HeadPlace[] {
  const head = headNamed(value);
  if (head === undefined) throw new InvalidArgumentError("expected a layer and a head, such as 3.1.");
  return [...previous, head];
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`);
  };
}

export function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError("expected a number from 0 to 1.");
}
