import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkpointOf } from "../../../src/engine/weights/checkpoint.js";
import { chatPrompt } from "../../../src/models/vlm/chat-template.js";
import { INSTRUCTBLIP_PROMPT, VICUNA_PROMPT } from "../../../src/models/vlm/config.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import { randomPixels } from "../../support/clips.js";
import { writeInstructBlip } from "../../support/instruct-blips.js";
import { TOWER, writeLlava } from "../../support/llavas.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const root = scratchFolder();
/** In the manner of LLaVA's: pictures first, then texts. */
const LLAVA = `{% for message in messages %}{{ message['role'].upper() + ': ' }}
{%- for part in message['content'] | selectattr('type', 'equalto', 'image') %}<image>\\n{% endfor %}
{%- for part in message['content'] | selectattr('type', 'equalto', 'text') %}{{ part['text'] + ' ' }}{% endfor %}
{%- endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}`.replace("\\n", "{{ '\\n' }}");
/** In the manner of Qwen2's with pictures: in order, between marks. */
const QWEN = `{% for message in messages %}<|im_start|>{{ message.role }}
{% for part in message.content %}{% if part.type == 'image' %}<image>{% else %}{{ part.text }}{% endif %}{% endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;
const TEXTS = "{% for message in messages %}[INST] {{ message['content'].strip() }} [/INST]{% endfor %}";

function prompt(files: Readonly<Record<string, string>>, startText?: string, tokenizers = true) {
  const checkpoint = checkpointOf({ path: "m", metadata: {}, files: [], tensors: new Map(), unsupported: new Map() });
  const read = (name: string) => Promise.resolve(files[name]);
  const readBytes = () => Promise.resolve(undefined);
  const at = { ref: "m", path: "m", origin: "path", folder: "m", checkpoint, read, readBytes } as const;
  return chatPrompt(at, { tokenizers, ...(startText === undefined ? {} : { startText }) });
}
const json = (chat_template: unknown): string => JSON.stringify({ chat_template });

describe("the prompt of a chat template", () => {
  test("of each place where Hugging Face keeps it, in its order", async () => {
    const llava = "USER: <image>\n{question} ASSISTANT:";
    const qwen = "<|im_start|>user\n<image>{question}<|im_end|>\n<|im_start|>assistant\n";
    expect(await prompt({ "chat_template.json": json(LLAVA), "tokenizer_config.json": json(QWEN) })).toBe(llava);
    expect(await prompt({ "chat_template.jinja": QWEN, "chat_template.json": json(LLAVA) })).toBe(qwen);
    expect(await prompt({ "processor_config.json": json(QWEN) })).toBe(qwen);
    const named = [
      { name: "tools", template: "none" },
      { name: "default", template: QWEN },
    ];
    expect(await prompt({ "tokenizer_config.json": json(named) })).toBe(qwen);
    expect(await prompt({})).toBeUndefined();
  });

  test("without the start token, which the model puts itself", async () => {
    expect(await prompt({ "chat_template.jinja": `<s>${QWEN}` }, "<s>")).toMatch(/^<\|im_start\|>/);
    expect(await prompt({ "chat_template.jinja": `<s>${QWEN}` })).toMatch(/^<s>/);
  });

  test("a tokenizer's for texts alone does not count, nor any where none is to", async () => {
    expect(await prompt({ "tokenizer_config.json": json(TEXTS) })).toBeUndefined();
    expect(await prompt({ "tokenizer_config.json": json(LLAVA) }, undefined, false)).toBeUndefined();
  });

  test.each<[string, string, RegExp]>([
    ["that shows no picture", TEXTS.replace(".strip()", "[1].text"), /chat template cannot be used.*one <image>/],
    ["that is none", "{% for %}", /chat template cannot be used.*chat_template\.jinja/],
    ["that refuses", "{{ raise_exception('no pictures, please') }}", /no pictures, please/],
    ["that is endless", "a".repeat(100_001), /100001 characters/],
  ])("a processor's %s is refused", async (_name, template, message) => {
    await expect(prompt({ "chat_template.jinja": template })).rejects.toThrow(message);
  });
});

test("models read by it, or by the usual prompt of their kind", async () => {
  const { folder } = await writeLlava(join(root, "llava"), "hugging-face");
  const asks = async (at: string): Promise<string> => {
    await using model = await loadVlm(at);
    return model.parts.config.prompt;
  };
  expect(await asks(folder)).toBe(VICUNA_PROMPT);
  await writeFile(join(folder, "chat_template.json"), json(LLAVA));
  expect(await asks(folder)).toBe("USER: <image>\n{question} ASSISTANT:");
  const blip = await writeInstructBlip(join(root, "blip"));
  await writeFile(join(blip.folder, "tokenizer_config.json"), json(LLAVA));
  expect(await asks(blip.folder)).toBe(INSTRUCTBLIP_PROMPT);
  await using model = await loadVlm(folder);
  const seen = await model.see(randomPixels(1, TOWER.architecture.vision.imageSize));
  const { tokenizer } = model.parts;
  const { before, after } = model.prompt(seen, "$& it").inputs;
  expect([...before!.data]).toEqual([512, ...tokenizer.encode("USER: ")]);
  expect([...after!.data]).toEqual(tokenizer.encode("\n$& it ASSISTANT:"));
});
