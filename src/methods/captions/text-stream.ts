import type { LanguageTokenizer } from "../../engine/media/language-tokenizer.js";

/**
 * Makes text of tokens as they come. What it tells is told for good: the end of a character whose other bytes are still to come, and
 * spaces before the next word, wait.
 */
export class TextStream {
  readonly #tokenizer: LanguageTokenizer;
  readonly #tell: (piece: string) => void;
  readonly #tokens: number[] = [];
  #told = "";

  constructor(tokenizer: LanguageTokenizer, tell: (piece: string) => void) {
    this.#tokenizer = tokenizer;
    this.#tell = tell;
  }

  push(token: number): void {
    this.#tokens.push(token);
    this.#upTo(this.#tokenizer.decode(this.#tokens).replace(/\uFFFD+$/, ""));
  }

  /** Tells what is left of the whole text. */
  end(text: string): void {
    this.#upTo(text);
  }

  #upTo(text: string): void {
    if (text.length <= this.#told.length || !text.startsWith(this.#told)) return;
    this.#tell(text.slice(this.#told.length));
    this.#told = text;
  }
}
