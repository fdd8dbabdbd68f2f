import { join } from "node:path";
import { expect, test } from "vitest";
import { dequantiseRows, quantiseRows } from "../../../src/engine/tensor/quantise.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { checkMemory } from "../../../src/models/vlm/check-memory.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import { quantiseVlm } from "../../../src/models/vlm/quantise-checkpoint.js";
import { largestDifference, randomPixels, readAll, type Tensors } from "../../support/clips.js";
import { naiveLlava, TOWER, writeLlava } from "../../support/llavas.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const root = scratchFolder();
const pixels = randomPixels(1, TOWER.architecture.vision.imageSize);

test.each([
  { form: { bits: 4, block: 32 }, most: 0.03 },
  // A block's largest number decides how finely the others are rounded: of 128 it is larger.
  { form: { bits: 4, block: 128 }, most: 0.06 },
  { form: { bits: 8, block: 32 }, most: 0.03 },
] as const)(
  "in $form.bits bits, blocks of $form.block, logits are those of the rounded weights",
  async ({ form, most }) => {
    const { bits, block } = form;
    const written = await writeLlava(join(root, `whole${bits}-${block}`), "hugging-face");
    const folder = join(root, `in${bits}-${block}`);
    const { matrices, bytesBefore, bytesAfter, error } = await quantiseVlm(written.folder, folder, form);
    const isMatrix = (name: string): boolean => name.endsWith("_proj.weight") || name === "lm_head.weight";
    const rounded: Tensors = new Map(
      [...written.language].map(([name, tensor]) => {
        if (!isMatrix(name)) return [name, tensor];
        const width = tensor.shape[1]!;
        return [name, floatTensor(dequantiseRows(quantiseRows(tensor.data, width, form), width, form), tensor.shape)];
      }),
    );
    expect(matrices).toBe([...written.language.keys()].filter(isMatrix).length);
    expect(bytesAfter).toBeLessThan(bytesBefore);
    expect(error).toBeLessThan(bits === 4 ? 0.12 : 0.01);
    await using model = await loadVlm(folder);
    const prompt = model.prompt(await model.see(pixels), "", "a<image>b");
    const { tokenizer } = model.parts;
    const wanted = naiveLlava(
      { ...written, language: rounded },
      pixels,
      [512, ...tokenizer.encode("a")],
      tokenizer.encode("b"),
    );
    const { logits, cache } = await model.language.start(prompt, { places: prompt.length + 1 });
    expect(largestDifference(logits.data, wanted.logits.at(-1)!)).toBeLessThan(1e-4);
    // Token by token, what is multiplied is rounded to 8 bits too.
    const { data: next } = await model.language.step([3], cache);
    const further = naiveLlava(
      { ...written, language: rounded },
      pixels,
      [512, ...tokenizer.encode("a")],
      [...tokenizer.encode("b"), 3],
    ).logits.at(-1)!;
    expect(largestDifference(next, further)).toBeLessThan(most * Math.max(...further.map(Math.abs)));
    // What is not rounded is there as it was.
    const [before, after] = [await readAll(written.folder), await readAll(folder)];
    for (const [name, tensor] of before) if (after.has(name)) expect(after.get(name)!.data, name).toEqual(tensor.data);
    await expect(quantiseVlm(folder, join(root, "twice"), form)).rejects.toThrow(/quantised already/);
  },
);

test("a model that does not fit is refused with figures", () => {
  expect(() => {
    checkMemory("llava", { language: 27e9, others: 1.2e9 }, 20.1e9);
  }).toThrow(/llava: got 55\.2 GB needed, expected at most 20\.1 GB.*models quantize/);
  checkMemory("llava", { language: 1e9, others: 0.5e9 }, 2.5e9);
});
