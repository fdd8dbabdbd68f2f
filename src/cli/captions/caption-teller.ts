/** Tells people what a model says of a picture, and what it believes. */
import type { Belief } from "../../methods/captions/confidence.js";
import type { NamedObject } from "../../methods/captions/detect.js";
import { padEnd, printable } from "../terminal-text.js";

/** What it writes is the same whether or not words are told as they are made. */
export class CaptionTeller {
  readonly #write: (text: string) => void;
  readonly #live: boolean;

  /** `live`: words are written as they are made, for those who watch; else each text once it is whole. */
  constructor(write: (text: string) => void, live: boolean) {
    this.#write = write;
    this.#live = live;
  }

  heading(ref: string, caveat: string | undefined): void {
    this.#write(`${printable(ref)}${caveat === undefined ? "" : `\n${caveat}`}\n\n`);
  }

  /** The text that `say` gives, which is told of each piece of it. */
  async text<T extends { readonly text: string }>(say: (onText?: (piece: string) => void) => Promise<T>): Promise<T> {
    const said = this.#live
      ? await say((piece) => {
          this.#write(readable(piece));
        })
      : await say();
    if (said.text === "") this.#write("(The model ends without a word.)");
    else if (!this.#live) this.#write(readable(said.text));
    this.#write("\n\n");
    return said;
  }

  objects(objects: readonly NamedObject[], threshold: number): void {
    if (objects.length === 0) return;
    this.#write("Objects it names, and how much its image tokens hold of each:\n");
    for (const { word, belief, probability } of objects) {
      const doubt = belief.confidence < threshold ? "doubted: below the threshold" : "";
      this.#row(word, belief.confidence, `said with ${(100 * probability).toFixed(0)}%  ${doubt}`);
    }
    this.#write("\n");
  }

  asked(beliefs: readonly Belief[]): void {
    if (beliefs.length === 0) return;
    this.#write("Asked for:\n");
    for (const { word, confidence } of beliefs) this.#row(word, confidence, "");
    this.#write("\n");
  }

  without(words: readonly string[]): void {
    this.#write(`Without ${words.map(printable).join(", ")}:\n`);
  }

  stays(): void {
    this.#write(
      "That names no fewer things that it does not believe in, or more in all: the caption stays as it was.\n\n",
    );
  }

  line(text: string): void {
    this.#write(`${text}\n`);
  }

  #row(word: string, confidence: number, note: string): void {
    const share = (100 * confidence).toFixed(1).padStart(6);
    this.#write(`${`  ${padEnd(printable(word), 16)}${share}%   ${note}`.trimEnd()}\n`);
  }
}

/** Texts of models may have several lines. */
const readable = (text: string): string => text.split("\n").map(printable).join("\n");
