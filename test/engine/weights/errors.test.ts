import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import * as checkpointErrors from "../../../src/engine/weights/checkpoint-errors.js";
import * as commonErrors from "../../../src/engine/weights/errors.js";
import * as safetensorsErrors from "../../../src/engine/weights/safetensors/errors.js";
import * as torchErrors from "../../../src/engine/weights/torch/errors.js";
import { ROOT } from "../../support/paths.js";

type ErrorClass = new (facts: { what: string }) => VitrineError;

const classes = [checkpointErrors, commonErrors, safetensorsErrors, torchErrors]
  .flatMap((module): unknown[] => Object.values(module))
  .filter((value): value is ErrorClass => (value as ErrorClass).prototype instanceof VitrineError);

it("gives every error a code of its own", () => {
  const codes = classes.map((WeightsError) => new WeightsError({ what: "x" }).code);
  expect(new Set(codes).size).toBe(classes.length);
  expect(classes.length).toBeGreaterThan(45);
});

it.each(classes.map((WeightsError) => new WeightsError({ what: "x" }).code))("%s has its page", (code) => {
  const page = join(ROOT, "docs/errors", `${code}.md`);
  expect(existsSync(page)).toBe(true);
  const headings = readFileSync(page, "utf8").match(/^#.*$/gm);
  expect(headings).toEqual([`# ${code}`, "## What happened", "## Why", "## What to do"]);
});
