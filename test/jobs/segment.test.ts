import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodePng } from "../../src/engine/media/encode.js";
import { rgbImage } from "../../src/engine/media/image.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { readSafetensorsHeader } from "../../src/engine/weights/safetensors/read.js";
import { JOBS } from "../../src/jobs/index.js";
import { heatOver, segmentation } from "../../src/methods/decompose/segmentation-map.js";
import { scoreSegmentation, SegmentationScores } from "../../src/methods/decompose/segmentation-metrics.js";
import { composeScene, Random, renderScene, saidMask } from "../../src/worlds/scenes/index.js";
import { largestDifference } from "../support/clips.js";
import { CALM, jobContext } from "../support/job-context.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();
const scene = composeScene(new Random(3), {
  objects: [
    { shape: "heart", colour: "red", size: "large" },
    { shape: "boat", colour: "blue", size: "medium" },
  ],
  background: "plain",
  style: "clean",
});
const texts = ["a red heart", "a blue boat", "a sketch"];
const context = await jobContext();
const asked = { model: "clip-scenes", picture: { scene }, texts };
const segment = (more: object = {}): ReturnType<typeof JOBS.segment.run> =>
  JOBS.segment.run(context, JOBS.segment.params.parse({ ...asked, ...more }), CALM);
const result = await segment();

describe("the job", () => {
  test("says where things are for texts that name them", () => {
    expect(result.texts.map(({ truth }) => truth && Array.from(truth))).toEqual(
      texts.map((text) => {
        const mask = saidMask(scene, text, 64);
        return mask && Array.from(mask);
      }),
    );
    expect(result.texts[2]!.truth).toBeUndefined();
    expect(result.seen.data).toEqual(renderScene(scene, 64).data);
  });

  test("takes a mask that was handed over for the truth of every text", async () => {
    const half = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (Math.floor(i / 3) % 64 < 32 ? 255 : 0));
    const { id } = await context.pictures.add(await encodePng(rgbImage(64, 64, half)));
    const { texts: found } = await segment({ mask: { picture: id } });
    const wanted = Array.from({ length: 64 * 64 }, (_, i) => Number(i % 64 < 32));
    for (const { truth } of found) expect(Array.from(truth!)).toEqual(wanted);
  });

  test("compares with baselines and a random map", async () => {
    const params = JOBS["segment-baselines"].params.parse({ ...asked, text: 1 });
    const rows = await JOBS["segment-baselines"].run(context, params, CALM);
    expect(rows.map(({ name, kind }) => `${kind}: ${name}`)).toEqual([
      "baseline: raw attention",
      "baseline: attention rollout",
      "baseline: GradCAM",
      "control: random map",
    ]);
    for (const { heat } of rows) expect(heat).toHaveLength(64);
  });
});

describe("the command line", async () => {
  const [file, mask] = [join(folder, "scene.json"), join(folder, "mask.png")];
  await writeFile(file, JSON.stringify(scene));
  const truth = saidMask(scene, texts[0]!, 64)!;
  const levels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => 255 * truth[Math.floor(i / 3)]!);
  await writeFile(mask, await encodePng(rgbImage(64, 64, levels)));

  test.for([
    { name: "each text against the others", more: {}, words: texts.slice(1).flatMap((text) => ["--text", text]) },
    { name: "against another text", more: { against: ["a fish"] }, words: ["--against", "a fish"] },
    { name: "against nothing", more: { against: "nothing" }, words: [] },
  ])("gives the same numbers, $name", async ({ name, more, words }) => {
    const out = join(folder, name);
    const given = ["segment", file, "--text", texts[0]!, ...words, "--head", "3.1", "--head", "2.4"];
    const rest = ["--mask", mask, "--threshold", "0.4", "--out", out, "--json"];
    const { code, stdout, stderr } = await vitrine([...given, ...rest]);
    expect([code, stderr]).toEqual([0, ""]);
    const { tensors } = await readSafetensorsHeader(join(out, "segmentation.safetensors"));
    const { heat, layout } = await segment(more);
    const own = heatOver(heat, 0, [3 * 6 + 1, 2 * 6 + 4]);
    expect(largestDifference(readStored(tensors.get("heat")!).data.subarray(0, 64), own)).toBeLessThan(1e-5);
    const found = segmentation(own, layout, 0.4);
    const [said] = (JSON.parse(stdout) as { images: { texts: { foreground: number; figures: object }[] }[] }).images;
    expect(said!.texts[0]!.foreground).toBeCloseTo(found.foreground.reduce((a, b) => a + b, 0) / 4096, 3);
    const scores = new SegmentationScores();
    scores.add(scoreSegmentation(found, truth));
    expect(said!.texts[0]!.figures).toEqual(scores.figures());
  });

  test("refuses a file that holds no scene", async () => {
    const bad = join(folder, "bad.json");
    await writeFile(bad, JSON.stringify({ ...scene, style: "cubist" }));
    const { code, stderr } = await vitrine(["segment", bad, "--text", "a heart"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/not a scene: .*bad\.json.*style.*\[usage\]/s);
  });
});
