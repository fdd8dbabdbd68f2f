/** `vitrine train`: real runs, interrupted, refused, out of room, and finished. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Proportion } from "../../src/engine/tensor/proportion.js";
import { readCheckpointFile } from "../../src/engine/train/checkpoint-file.js";
import { type MetricsRecord, parseMetrics } from "../../src/engine/train/metrics-log.js";
import { loadClip } from "../../src/models/clip/load.js";
import type { Card } from "../../src/recipes/clip-scenes/card.js";
import { SETTINGS } from "../../src/recipes/clip-scenes/settings.js";
import { renderScene } from "../../src/worlds/scenes/index.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { type Finished, type RunOptions, vitrine } from "../support/vitrine.js";
import { scenes } from "../worlds/scenes/support.js";

const root = scratchFolder();
const folder = join(root, "run");
const STEPS = 50;
/** From here on pictures are seen whole; the stage before ends with an evaluation. */
const WHOLE = Math.round(SETTINGS.cropped * STEPS);

const ROUNDING = 1e-12;

/** A step takes a fraction of a second on two cores, loading and measuring more, and other tests run beside. */
const LONG = 20 * 60_000;

const train = (out: string, options: string, run: RunOptions = {}): Promise<Finished> =>
  vitrine(["train", "clip-scenes", "--out", out, ...options.split(" ")], run);

const stepName = (step: number): string => `step-${String(step).padStart(8, "0")}.safetensors`;
const checkpoints = (where: string): string[] => readdirSync(where).filter((name) => name.endsWith(".safetensors"));
const sha256 = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

function logOf(where: string, name = "metrics.jsonl"): MetricsRecord[] {
  const file = join(where, name);
  return existsSync(file) ? parseMetrics(readFileSync(file, "utf8")) : [];
}

/** One line on stderr that says so, and nothing on stdout. */
function expectRefusal({ code, stdout, stderr }: Finished, kind: string, says: RegExp, exit = 1): void {
  expect(stderr).toMatch(/^vitrine: [^\n]*\n$/);
  expect(stderr).toMatch(says);
  expect(stderr.endsWith(` [${kind}]\n`), stderr).toBe(true);
  expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
}

test("an unknown recipe is refused", async () => {
  const where = join(root, "none");
  const result = await vitrine(["train", "clip-scene", "--out", where]);
  expectRefusal(result, "usage", /no such recipe: got "clip-scene", expected clip-scenes/, 2);
  expect(existsSync(where)).toBe(false);
});

test.each(["--steps 1", "--steps ten", "--seed -1"])("%s is refused", async (options) => {
  expectRefusal(await train(join(root, "none"), options), "usage", /expected a whole number from/, 2);
});

describe("a run of 50 steps", { timeout: LONG }, () => {
  let checkpoint: string;

  test("interrupted by Ctrl-C saves, says so, and ends by itself", async () => {
    const { code, signal, stdout } = await train(folder, `--steps ${STEPS}`, {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (logOf(folder).length === 0) return;
          child.kill("SIGINT");
          clearInterval(timer);
        }, 100);
        child.on("close", () => {
          clearInterval(timer);
        });
      },
    });
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    const said = /^Stopped and saved after step (\d+) of 50 in (.*); run the same command to go on\.\n$/.exec(stdout);
    expect(said?.[2], stdout).toBe(folder);
    const step = Number(said![1]);
    expect(step).toBeGreaterThanOrEqual(10);
    expect(step).toBeLessThan(STEPS);
    checkpoint = join(folder, stepName(step));
    expect(checkpoints(folder)).toEqual([stepName(step)]);
    expect(existsSync(join(folder, "model"))).toBe(false);
  });

  test.each([
    ["--steps 50 --seed 1", /seed: 0 → 1; resume with the recipe it was started with/],
    ["--steps 60", /steps: 50 → 60; resume/],
  ])("does not go on with %s, and is left as it is", async (options, says) => {
    const before = [readdirSync(folder), sha256(checkpoint)];
    expectRefusal(await train(folder, options), "recipe-changed", says);
    expect([readdirSync(folder), sha256(checkpoint)]).toEqual(before);
  });

  test("does not go on from a damaged checkpoint", async () => {
    const damaged = join(root, "damaged");
    mkdirSync(damaged);
    const bytes = readFileSync(checkpoint);
    bytes[Math.floor(bytes.length / 2)]! ^= 4;
    const file = join(damaged, "step-00000020.safetensors");
    writeFileSync(file, bytes);
    const result = await train(damaged, `--steps ${STEPS}`);
    expectRefusal(result, "training-checkpoint", /a training checkpoint is damaged.*step-00000020\.safetensors: /);
    expect(result.stderr).toContain("delete it to start anew");
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test("goes on to its end by the same command, and learns", async () => {
    const { code, stdout, stderr } = await train(folder, `--steps ${STEPS} --json`);
    expect(code, stderr).toBe(0);
    expect(stdout.split("\n")).toHaveLength(2);
    const told = JSON.parse(stdout) as { card: Card };
    expect(told).toMatchObject({ folder, stopped: false, step: STEPS, steps: STEPS, model: join(folder, "model") });
    expect(told.card).toEqual(JSON.parse(readFileSync(join(folder, "model/card.json"), "utf8")));

    const log = logOf(join(folder, "model"), "train.jsonl");
    expect(log).toEqual(logOf(folder));
    const losses = log.filter(({ loss }) => loss !== undefined);
    // Every tenth step, and the last one of each stage.
    expect(losses.map(({ step }) => step)).toEqual([10, 20, 30, WHOLE, 40, 50]);
    const [first, last] = [losses[0]!, losses.at(-1)!].map(({ loss }) => loss as number);
    expect(last).toBeLessThan(first! - 0.1);
    expect(log.filter(({ evaluation }) => evaluation !== undefined).map(({ step }) => step)).toEqual([WHOLE, STEPS]);
  });

  test("leaves a model that loads, and tells pictures and texts apart", async () => {
    await using clip = await loadClip(join(folder, "model"));
    const { imageSize, heads } = clip.parts.vision;
    expect([imageSize, heads, clip.parts.text?.contextLength]).toEqual([64, 6, 28]);
    const pictures = scenes(2, 1).map((scene) => renderScene(scene, imageSize));
    const images = await clip.encodeImage(clip.preprocess(pictures));
    const texts = await clip.encodeText(["a red fish in the sea", "a blue star at night"]);
    for (const { data, shape } of [images, texts]) {
      expect(shape).toEqual([2, 128]);
      expect(data.every(Number.isFinite)).toBe(true);
      expect(data.subarray(0, 128)).not.toEqual(data.subarray(128));
    }
    expect(readdirSync(join(folder, "model")).sort()).toEqual([
      "README.md",
      "card.json",
      "loss.svg",
      "open_clip_config.json",
      "open_clip_model.safetensors",
      "tokenizer.json",
      "train.jsonl",
    ]);
  });

  test("leaves a card of figures with their intervals", () => {
    const card = JSON.parse(readFileSync(join(folder, "model/card.json"), "utf8")) as Card;
    expect(card).toMatchObject({ name: "clip-scenes", steps: STEPS, recipe: { seed: 0, steps: STEPS } });
    expect(card.parameters).toBeGreaterThan(2.5e6);
    expect(card.seconds).toBeGreaterThan(5);
    for (const figures of [card.figures, card.untrained]) {
      const { retrieval, groups, test: asTrained, clean, heldOut, independent } = figures;
      const all: Proportion[] = [
        retrieval.text,
        retrieval.image,
        ...[asTrained, clean, heldOut, independent].flatMap((table) => Object.values(table)),
        ...groups.flatMap(({ amongAll, betweenTwo }) => [amongAll, betweenTwo]),
      ];
      expect(all).toHaveLength(2 + 4 * 7 + 4 * 2);
      for (const { share, low, high, count } of all) {
        expect(count).toBeGreaterThanOrEqual(25);
        expect([low <= share + ROUNDING, share <= high + ROUNDING, low < high, low >= 0, high <= 1]).not.toContain(
          false,
        );
      }
    }
  });

  /** A copy of the finished run, without its model. */
  function finishedRun(name: string): string {
    const where = join(root, name);
    mkdirSync(where);
    for (const file of [stepName(STEPS), "metrics.jsonl", "loss.svg"])
      copyFileSync(join(folder, file), join(where, file));
    return where;
  }

  test("once finished is not trained again", async () => {
    const again = finishedRun("again");
    // The model's folder cannot be made, so that this ends where training does.
    writeFileSync(join(again, "model"), "mine");
    const { code, stderr, stdout } = await train(again, `--steps ${STEPS}`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/vitrine: cannot write file: .*model: got EEXIST.* \[file-unwritable\]\n$/);
    expect(readFileSync(join(again, "model"), "utf8")).toBe("mine");
    expect(logOf(again)).toEqual(logOf(folder));
  });

  test("ends at once by Ctrl-C while the model is measured", async () => {
    const measured = finishedRun("measured");
    const { signal, stderr } = await train(measured, `--steps ${STEPS}`, {
      onStart: (child) => {
        child.stderr!.on("data", (text: string) => {
          if (text.includes("measuring the model")) child.kill("SIGINT");
        });
      },
    });
    expect(stderr).toContain("clip-scenes: measuring the model\n");
    expect(signal).toBe("SIGINT");
    expect(existsSync(join(measured, "model/card.json"))).toBe(false);
    expect(sha256(join(measured, stepName(STEPS)))).toBe(sha256(join(folder, stepName(STEPS))));
  });
});

let disk: string | undefined;
afterAll(() => {
  if (disk !== undefined) execFileSync("umount", [disk]);
});

/** Mounts a disk of so many MiB, or says why that cannot be. */
function mountDisk(mebibytes: number, skip: (note: string) => void): string {
  const where = join(root, "disk");
  mkdirSync(where);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", where], { stdio: "ignore" });
  } catch {
    skip("SKIPPED: this user may not mount a tmpfs (run the tests as root)");
  }
  return (disk = where);
}

test(
  "a full disk is told of, what was saved before stays, and with room it goes on",
  { timeout: LONG },
  async ({ skip }) => {
    // A checkpoint takes 30 MiB, a model 5. Of three steps the first stage has two: it saves, and the second stage finds no room.
    const where = mountDisk(45, skip);
    const full = await train(where, "--steps 3");
    expect({ code: full.code, stdout: full.stdout }).toEqual({ code: 1, stdout: "" });
    expect(full.stderr).toMatch(/vitrine: the disk is full: [^\n]*step-00000003\.safetensors: [^\n]* \[disk-full\]\n$/);
    expect(readdirSync(where).sort()).toEqual(["loss.svg", "metrics.jsonl", stepName(2)]);
    expect((await readCheckpointFile(join(where, stepName(2)))).metadata["step"]).toBe("2");

    // Now for the second checkpoint, but not for the model.
    execFileSync("mount", ["-o", "remount,size=62m", where]);
    const later = await train(where, "--steps 3");
    expect({ code: later.code, stdout: later.stdout }).toEqual({ code: 1, stdout: "" });
    expect(later.stderr).toMatch(/the disk is full: [^\n]*open_clip_model\.safetensors: [^\n]* \[disk-full\]\n$/);
    expect(checkpoints(where).sort()).toEqual([stepName(2), stepName(3)]);
    expect(readdirSync(join(where, "model"))).toEqual([]);
    expect(
      logOf(where)
        .filter(({ loss }) => loss !== undefined)
        .map(({ step }) => step),
    ).toEqual([2, 3]);
  },
);
