import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rgbImage } from "../../../src/engine/media/image.js";
import { languageLogits } from "../../../src/models/language/graph.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import { padToSquare } from "../../../src/models/vlm/pad-to-square.js";
import { largestDifference, randomPixels, readAll, writeAll } from "../../support/clips.js";
import { LANGUAGE, LAYOUTS, naiveLlava, TOWER, writeLlava } from "../../support/llavas.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const root = scratchFolder();
const pixels = randomPixels(1, TOWER.architecture.vision.imageSize);
const TEMPLATE = "see <image> {question}?";

describe.each(LAYOUTS)("%s", (layout) => {
  test("logits are those of the published formulas", async () => {
    const written = await writeLlava(join(root, layout), layout);
    await using model = await loadVlm(written.folder);
    const prompt = model.prompt(await model.see(pixels), "what", TEMPLATE);
    const { tokenizer } = model.parts;
    const before = [512, ...tokenizer.encode("see")];
    const wanted = naiveLlava(written, pixels, before, tokenizer.encode(" what?"));
    expect([prompt.imageAt, prompt.imageTokens, prompt.length]).toEqual([
      before.length,
      16,
      before.length + 16 + tokenizer.encode(" what?").length,
    ]);
    const { logits } = await model.language.run("logits", prompt, ({ hidden, weights }) => ({
      logits: languageLogits(hidden, weights),
    }));
    expect(largestDifference(logits.data, wanted.logits.flat())).toBeLessThan(1e-4);
    const { logits: last } = await model.language.start(prompt, { places: prompt.length });
    expect(largestDifference(last.data, wanted.logits.at(-1)!)).toBeLessThan(1e-4);
  });
});

test("the tower's layer and its class token are as the configuration says", async () => {
  const written = await writeLlava(join(root, "full"), "hugging-face", (config) => {
    Object.assign(config, { vision_feature_layer: -1, vision_feature_select_strategy: "full" });
  });
  await using model = await loadVlm(written.folder);
  const seen = await model.see(pixels);
  const { blocks } = await model.parts.tower.read(pixels, { blocks: "visual.blocks.*.resid_post" });
  expect(seen.shape).toEqual([1, 17, TOWER.architecture.vision.width]);
  expect(seen.data).toEqual(blocks.at(-1)!.data);
});

test.each<[string, string, RegExp]>([
  ["no projector", "multi_modal_projector.linear_1.weight", /nothing brings pictures into the language model/],
  ["a missing tensor", "language_model.model.layers.1.mlp.up_proj.weight", /layers\.1\.mlp\.up_proj/],
])("%s is refused", async (name, tensor, message) => {
  const { folder } = await writeLlava(join(root, name), "hugging-face");
  const tensors = await readAll(join(folder, "model.safetensors"));
  tensors.delete(tensor);
  await writeAll(join(folder, "model.safetensors"), tensors);
  await expect(loadVlm(folder)).rejects.toThrow(message);
});

test.each<[string, object, RegExp]>([
  ["another activation", { projector_hidden_act: "relu" }, /projector_hidden_act.*expected gelu/],
  ["another language model", { text_config: { model_type: "gpt2" } }, /model_type.*llama/],
  ["sizes unlike the weights'", { text_config: { num_hidden_layers: 7 } }, /layers: got 7, expected 3/],
])("%s is refused", async (name, change, message) => {
  const { folder } = await writeLlava(join(root, name), "hugging-face", (config) => {
    for (const [key, value] of Object.entries(change)) {
      config[key] = typeof value === "object" ? { ...(config[key] as object), ...value } : value;
    }
  });
  await expect(loadVlm(folder)).rejects.toThrow(message);
});

test("a prompt shows one picture, and fits", async () => {
  const { folder } = await writeLlava(join(root, "prompts"), "hugging-face");
  await using model = await loadVlm(folder);
  const seen = await model.see(pixels);
  expect(() => model.prompt(seen, "what", "no picture")).toThrow(/one <image>/);
  expect(() => model.prompt(seen, "a".repeat(300), TEMPLATE)).toThrow(/longer than the model's context/);
  await expect(loadVlm(folder, { tower: "nowhere" })).resolves.toBeDefined();
  expect(LANGUAGE.layers).toBe(model.language.config.layers);
});

test("padding centres the picture on the mean colour", () => {
  const wide = rgbImage(
    4,
    1,
    Uint8Array.from({ length: 12 }, (_, i) => i),
  );
  const { width, height, data } = padToSquare(wide, [0.5, 0.25, 1]);
  expect([width, height]).toEqual([4, 4]);
  expect([...data.subarray(0, 3)]).toEqual([127, 63, 255]);
  expect([...data.subarray(12, 24)]).toEqual([...wide.data]);
  expect(padToSquare(rgbImage(1, 1, new Uint8Array(3)), [0, 0, 0]).width).toBe(1);
});
