/** Checkpoints: damage, full disks, leftovers and other runs' files. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { VitrineError } from "../../../src/engine/errors.js";
import { listCheckpoints, resume, saveCheckpoint } from "../../../src/engine/train/checkpoint.js";
import { exportParameters } from "../../../src/engine/train/export.js";
import { train, type TrainOptions } from "../../../src/engine/train/loop.js";
import { sgd } from "../../../src/engine/train/optimisers.js";
import type { TrainStep } from "../../../src/engine/train/step.js";
import { readStored } from "../../../src/engine/weights/read-stored.js";
import { readSafetensorsHeader } from "../../../src/engine/weights/safetensors/read.js";
import { seeded } from "../../../src/engine/train/seeds.js";
import { scratchFolder } from "../../support/scratch-folder.js";
import { tinyBatch, tinyParameters, tinyStep } from "./tiny-run.js";

const root = scratchFolder();
const recipe = { name: "tiny", model: { width: 20, layers: 2 }, seed: 7 };

async function trainIn(folder: string, options: Partial<TrainOptions> = {}): ReturnType<typeof train> {
  await using step = options.step ?? (await tinyStep());
  const fixed = { recipe, steps: 30, batch: tinyBatch, checkpointEvery: { steps: 10 } };
  return await train({ ...fixed, folder, ...options, step });
}

async function failureOf(promise: Promise<unknown>): Promise<VitrineError> {
  return promise.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error as VitrineError,
  );
}

const stepName = (step: number): string => `step-${String(step).padStart(8, "0")}.safetensors`;

/** All that a step holds, to compare. */
function stateOf({ parameters, updates }: TrainStep): unknown {
  return [
    updates,
    ...(["parameter", "moment1", "moment2", "average"] as const).map((t) => [...parameters.arena.all(t)]),
  ];
}

describe("what a run leaves", () => {
  const folder = join(root, "plain");
  let content: Buffer;
  beforeAll(async () => {
    await trainIn(folder);
    content = readFileSync(join(folder, stepName(30)));
  });

  test("is a safetensors file of parameters, moments and average", async () => {
    const { tensors, metadata } = await readSafetensorsHeader(join(folder, stepName(30)));
    expect([...tensors.keys()]).toContain("moment2:first.weight");
    expect(tensors.size).toBe(4 * 4);
    expect(metadata).toMatchObject({ step: "30", optimiser: "adamW" });
    expect(JSON.parse(metadata["recipe"]!)).toEqual(recipe);
  });

  const random = seeded(1, "damage");
  const positions = (size: number): number[] => [
    0,
    8,
    size - 1,
    ...Array.from({ length: 60 }, () => random.below(size)),
  ];

  test("is refused when any bit of it flips, and the one before is named", async () => {
    const damagedFolder = join(root, "flipped");
    mkdirSync(damagedFolder);
    copyFileSync(join(folder, stepName(20)), join(damagedFolder, stepName(20)));
    await using step = await tinyStep();
    const before = stateOf(step);
    for (const position of positions(content.length)) {
      const flipped = Buffer.from(content);
      flipped[position]! ^= 1 << random.below(8);
      writeFileSync(join(damagedFolder, stepName(30)), flipped);
      const error = await failureOf(resume(damagedFolder, step, recipe));
      expect(error.code, `byte ${position}`).toBe("training-checkpoint");
      expect(error.message).toContain(`go on from the newest intact one, ${join(damagedFolder, stepName(20))}`);
    }
    expect(stateOf(step)).toEqual(before);
  });

  test("is refused when it is cut anywhere", async () => {
    const cutFolder = join(root, "cut");
    mkdirSync(cutFolder);
    await using step = await tinyStep();
    for (const length of positions(content.length)) {
      writeFileSync(join(cutFolder, stepName(30)), content.subarray(0, length));
      const error = await failureOf(resume(cutFolder, step, recipe));
      expect(error.code, `cut to ${length}`).toBe("training-checkpoint");
      expect(error.message).toContain("delete it to start anew; there is no earlier checkpoint");
    }
  });

  test("goes on from the earlier one once the damaged one is deleted, to the same state", async () => {
    const again = join(root, "again");
    mkdirSync(again);
    for (const step of [20, 30]) copyFileSync(join(folder, stepName(step)), join(again, stepName(step)));
    truncateSync(join(again, stepName(30)), content.length - 1);
    expect((await failureOf(trainIn(again))).code).toBe("training-checkpoint");
    expect(readdirSync(again).sort()).toEqual([stepName(20), stepName(30)]);
    rmSync(join(again, stepName(30)));
    expect(await trainIn(again)).toMatchObject({ resumedAt: 20, step: 30 });
    await using one = await tinyStep();
    await using other = await tinyStep();
    await resume(folder, one, recipe);
    await resume(again, other, recipe);
    expect(stateOf(other)).toEqual(stateOf(one));
  });

  test("belongs to its recipe: what differs is named", async () => {
    await using step = await tinyStep();
    const changed = { name: "tiny", model: { width: 24, layers: 2 }, batch: 64 };
    const error = await failureOf(resume(folder, step, changed));
    expect(error.code).toBe("recipe-changed");
    expect(error.message).toContain("got model.width: 20 → 24, seed: 7 → none, batch: none → 64; resume with");
    await resume(folder, step, { seed: 7, model: { layers: 2, width: 20 }, name: "tiny" });
    expect(step.updates).toBe(30);
  });

  test.each<[string, () => Promise<TrainStep>, string]>([
    ["optimiser", () => tinyStep({ optimiser: sgd({ lr: 0.1 }) }), 'got optimiser "adamW", expected sgd'],
    [
      "choice of frozen parameters",
      () => tinyStep({ parameters: tinyParameters({ freezeFirst: true }) }),
      'got tensor "average:first.bias", expected only those of this run',
    ],
  ])("does not fit another %s", async (_what, create, message) => {
    await using step = await create();
    const error = await failureOf(resume(folder, step, recipe));
    expect(error.code).toBe("training-checkpoint");
    expect(error.message).toContain(message);
  });

  test("does not fit other values of frozen parameters", async () => {
    const frozen = join(root, "frozen");
    await using step = await tinyStep({ parameters: tinyParameters({ freezeFirst: true }) });
    await saveCheckpoint(frozen, step, { recipe, seconds: 0 }, 1);
    await resume(frozen, step, recipe);
    step.parameters.tensor("first.bias").data[0] = 1;
    expect((await failureOf(resume(frozen, step, recipe))).message).toContain("other values of the frozen parameters");
  });
});

test("half-written files are never picked up, and are cleaned away", async () => {
  const folder = join(root, "leftovers");
  await trainIn(folder, { steps: 10 });
  const whole = readFileSync(join(folder, stepName(10)));
  writeFileSync(join(folder, `.${stepName(20)}.123.9e0c.tmp`), whole.subarray(0, 1000));
  writeFileSync(join(folder, ".metrics.jsonl.123.9e0c.tmp"), "{");
  writeFileSync(join(folder, "notes.tmp"), "mine");
  expect(await listCheckpoints(folder)).toEqual([join(folder, stepName(10))]);
  expect(await trainIn(folder)).toMatchObject({ resumedAt: 10, step: 30 });
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual(["notes.tmp"]);
});

test("a folder that is none, or steps that are none, are refused", async () => {
  const file = join(root, "a file");
  writeFileSync(file, "");
  expect((await failureOf(trainIn(file))).code).toBe("file-missing");
  expect((await failureOf(trainIn(join(root, "none"), { steps: 0 }))).message).toContain("bad steps: got 0");
  expect((await failureOf(trainIn(join(root, "none"), { keep: 0.5 }))).message).toContain("bad keep: got 0.5");
});

const mounted: string[] = [];
afterAll(() => {
  for (const folder of mounted) execFileSync("umount", [folder]);
});

/** Mounts a small disk, or says why that cannot be. */
function smallDisk(skip: (note: string) => void): string {
  const folder = join(root, `disk ${mounted.length}`);
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    skip("SKIPPED: this user may not mount a tmpfs (run the tests as root)");
  }
  mounted.push(folder);
  return folder;
}

test("a disk that fills up keeps the checkpoint that is there, and the run goes on when there is room", async ({
  skip,
}) => {
  const folder = smallDisk(skip);
  const filler = join(folder, "filler");
  const error = await failureOf(
    trainIn(folder, {
      onProgress: ({ step }) => {
        if (step === 15) fill(filler);
      },
    }),
  );
  expect(error.code).toBe("disk-full");
  expect(error.message).toContain(stepName(20));
  expect(readdirSync(folder).sort()).toEqual(["filler", "metrics.jsonl", stepName(10)]);
  rmSync(filler);
  expect(await trainIn(folder)).toMatchObject({ resumedAt: 10, step: 30 });
});

/** Takes all the room there is. */
function fill(file: string): void {
  for (const size of [4096, 1]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: "a" });
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
    }
  }
}

test("a finished model is written under its own names, averaged and narrowed if asked", async () => {
  const parameters = tinyParameters({ freezeFirst: true });
  await using step = await tinyStep({ parameters, ema: 0.5 });
  for (let i = 0; i < 3; i++) await step.run(tinyBatch(i));
  const file = join(root, "model.safetensors");
  await exportParameters(file, parameters, { averaged: true, metadata: { made: "here" } });
  const { tensors, metadata } = await readSafetensorsHeader(file);
  expect([...tensors.keys()].sort()).toEqual(parameters.names.toSorted());
  expect(metadata).toEqual({ made: "here" });
  expect(readStored(tensors.get("second.weight")!).data).toEqual(parameters.trackOf("second.weight", "average").data);
  expect(readStored(tensors.get("first.weight")!)).toEqual(parameters.tensor("first.weight"));
  await exportParameters(file, parameters, { dtype: "F16" });
  expect((await readSafetensorsHeader(file)).tensors.get("first.bias")!.dtype).toBe("F16");
});
