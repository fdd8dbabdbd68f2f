/** What a model reads before its picture and after it. */
import type { LanguageTokenizer } from "../../engine/media/language-tokenizer.js";
import { ImageTokenCountError } from "./errors.js";

/** Stands for the picture in prompts. */
export const IMAGE_MARK = "<image>";

/** The prompt that a template makes of a question. */
export function promptText(template: string, question: string): string {
  // Not as a replacement's pattern, in which "$&" has a meaning.
  return template.replace("{question}", () => question);
}

export interface PromptIds {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * Ids of the parts of a prompt. The picture is marked once, or as often as there are image tokens, as newer processors of Hugging Face
 * do. `where` is for messages. Throws {@link ImageTokenCountError} for any other number.
 */
export function promptIds(tokenizer: LanguageTokenizer, text: string, imageTokens: number, where: string): PromptIds {
  const mark = tokenizer.idOf(IMAGE_MARK);
  if (mark === undefined) {
    const parts = text.split(IMAGE_MARK);
    checkMarks(
      parts.length - 1,
      parts.slice(1, -1).every((part) => part === ""),
      imageTokens,
      where,
    );
    return { before: tokenizer.encode(parts[0]!), after: tokenizer.encode(parts.at(-1)!) };
  }
  const ids = tokenizer.encode(text);
  const [first, last] = [ids.indexOf(mark), ids.lastIndexOf(mark)];
  const count = ids.filter((id) => id === mark).length;
  checkMarks(count, last - first + 1 === count, imageTokens, where);
  return { before: ids.slice(0, first), after: ids.slice(last + 1) };
}

function checkMarks(count: number, adjoin: boolean, imageTokens: number, where: string): void {
  if (count === 1 || (count === imageTokens && adjoin)) return;
  throw new ImageTokenCountError({
    what: "the prompt has another number of image tokens than the picture",
    where,
    got: `${IMAGE_MARK} ${count} times`,
    expected: `${IMAGE_MARK} once, where the picture's ${imageTokens} tokens go`,
    fix: `put one ${IMAGE_MARK} into the prompt, and none into the question`,
  });
}
