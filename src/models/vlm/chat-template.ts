/**
 * The prompt that a checkpoint's chat template makes.
 *
 * @file Hugging Face keeps it in `chat_template.jinja`, in `chat_template.json` or `processor_config.json`, or in the tokenizer's
 * `tokenizer_config.json`; in this order they count. It is rendered once, with a mark where the question goes.
 */
import { z } from "zod";
import type { ClipFiles } from "../clip/assemble.js";
import { ModelConfigError } from "../clip/errors.js";
import { jsonBeside } from "./json-beside.js";
import { IMAGE_MARK } from "./prompt-ids.js";

/** Longer ones are no templates. */
const LONGEST = 100_000;
const QUESTION = "{question}";

const named = z.array(z.looseObject({ name: z.string(), template: z.string() }));
const schema = z.looseObject({ chat_template: z.union([z.string(), named]).nullish() });

export interface ChatOptions {
  /** The text of the start token, which is not to be there twice. */
  readonly startText?: string;
  /** Whether the tokenizer's own template counts, which may be that of a language model that knows no pictures. */
  readonly tokenizers: boolean;
}

/**
 * The prompt with `<image>` and `{question}` in it, or undefined where there is no template, or the tokenizer's shows no picture. Throws
 * `ModelConfigError` for a template that cannot be used.
 */
export async function chatPrompt(
  files: ClipFiles,
  { startText, tokenizers }: ChatOptions,
): Promise<string | undefined> {
  const found = await templateOf(files, tokenizers);
  if (found === undefined) return undefined;
  const { where, template, isTokenizers } = found;
  const rendered = await render(where, template).catch((error: unknown) => {
    // One for texts alone stumbles over a picture.
    if (isTokenizers) return "";
    throw error;
  });
  const prompt =
    startText !== undefined && rendered.startsWith(startText) ? rendered.slice(startText.length) : rendered;
  if (prompt.split(IMAGE_MARK).length === 2 && prompt.split(QUESTION).length === 2) return prompt;
  if (isTokenizers) return undefined;
  throw unusable(
    where,
    JSON.stringify(prompt.slice(0, 200)),
    `one ${IMAGE_MARK} and the question once in what it makes`,
  );
}

interface Found {
  readonly where: string;
  readonly template: string;
  readonly isTokenizers: boolean;
}

async function templateOf(files: ClipFiles, tokenizers: boolean): Promise<Found | undefined> {
  const { folder, read } = files;
  const own = await read("chat_template.jinja");
  if (own !== undefined) return { where: `${folder}/chat_template.jinja`, template: own, isTokenizers: false };
  const names = ["chat_template.json", "processor_config.json", ...(tokenizers ? ["tokenizer_config.json"] : [])];
  for (const name of names) {
    const where = `${folder}/${name}`;
    const { chat_template: given } = await jsonBeside(files, name, schema);
    const template = typeof given === "string" ? given : defaultOf(given ?? []);
    if (template !== undefined) return { where, template, isTokenizers: name === "tokenizer_config.json" };
  }
  return undefined;
}

const defaultOf = (templates: z.infer<typeof named>): string | undefined =>
  (templates.find(({ name }) => name === "default") ?? templates[0])?.template;

async function render(where: string, template: string): Promise<string> {
  if (template.length > LONGEST) throw unusable(where, `${template.length} characters`, `at most ${LONGEST}`);
  const { Template } = await import("@huggingface/jinja");
  const content = [{ type: "image" }, { type: "text", text: QUESTION }];
  try {
    return new Template(template).render({ messages: [{ role: "user", content }], add_generation_prompt: true });
  } catch (cause) {
    throw unusable(where, cause instanceof Error ? cause.message : String(cause), "a chat template", cause);
  }
}

const unusable = (where: string, got: string, expected: string, cause?: unknown): ModelConfigError =>
  new ModelConfigError({
    what: "the chat template cannot be used",
    where,
    got,
    expected,
    fix: "delete it, so that the usual prompt of such models is used, or get it again",
    cause,
  });
