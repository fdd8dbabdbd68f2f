/** Token ids as the text tower takes them. */
import { UsageError } from "../../engine/errors.js";
import { intTensor, type Tensor } from "../../engine/tensor/tensor.js";
import type { TextConfig } from "./clip.js";

export interface TokenRows extends Readonly<Record<string, Tensor>> {
  /** int32 [C, context] */
  readonly tokens: Tensor<"int32">;
  /** int32 [C]: where each text ends. */
  readonly ends: Tensor<"int32">;
}

/**
 * Checks ids [C, length], fills rows up to the model's context (what follows the end has no effect, unless
 * texts are read at the last place) and finds where each text is read. Throws {@link UsageError} for another shape or ids outside the vocabulary.
 */
export function tokenRows(
  { shape, data }: Tensor<"int32">,
  config: Pick<TextConfig, "contextLength" | "vocabulary" | "endToken" | "padToken">,
): TokenRows {
  const { contextLength, vocabulary, endToken, padToken = 0 } = config;
  const [count, length] = shape;
  if (shape.length !== 2 || count === undefined || length === undefined || length < 1 || length > contextLength) {
    const expected = `[texts, tokens] with 1 to ${contextLength} tokens`;
    throw new UsageError({ what: "token ids do not fit the model", got: `[${shape.join(",")}]`, expected });
  }
  const stray = data.find((id) => id < 0 || id >= vocabulary);
  if (stray !== undefined) {
    const expected = `ids from 0 to ${vocabulary - 1}`;
    throw new UsageError({ what: "a token id is not in the model's vocabulary", got: String(stray), expected });
  }
  const tokens = new Int32Array(count * contextLength).fill(padToken);
  const ends = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const ids = data.subarray(row * length, (row + 1) * length);
    tokens.set(ids, row * contextLength);
    ends[row] = endToken === "last" ? contextLength - 1 : endOf(ids, endToken);
  }
  return { tokens: intTensor(tokens, [count, contextLength]), ends: intTensor(ends, [count]) };
}

/** Tokens up to the last end of all rows; all of them where later ones count: where tokens see those after them, or texts are read there. */
export function neededLength(
  { ends, tokens }: TokenRows,
  { endToken, bidirectional }: Pick<TextConfig, "endToken" | "bidirectional">,
): number {
  if (endToken === "last" || bidirectional === true) return tokens.shape[1]!;
  return ends.data.reduce((most, end) => Math.max(most, end), 0) + 1;
}

/** The rows' first `length` tokens. Throws {@link UsageError} where something that counts follows them. */
export function cutRows(rows: TokenRows, length: number, config: Parameters<typeof neededLength>[1]): TokenRows {
  const { tokens, ends } = rows;
  const [count, context] = tokens.shape as [number, number];
  const least = neededLength(rows, config);
  if (!Number.isInteger(length) || length < least || length > context) {
    const expected = `a whole number from ${least} to ${context}`;
    throw new UsageError({ what: "texts do not fit this length", got: String(length), expected });
  }
  const cut = new Int32Array(count * length);
  for (let row = 0; row < count; row++)
    cut.set(tokens.data.subarray(row * context, row * context + length), row * length);
  return { tokens: intTensor(cut, [count, length]), ends };
}

/** CLIP's end token has the largest id of its vocabulary; where another id ends texts, a text without it ends at once. */
function endOf(ids: Int32Array, endToken: number | undefined): number {
  if (endToken !== undefined) return Math.max(0, ids.indexOf(endToken));
  return ids.indexOf(ids.reduce((a, b) => Math.max(a, b)));
}
