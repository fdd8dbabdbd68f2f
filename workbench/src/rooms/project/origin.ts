/** Where a picture on the canvas came from. */
import type { PictureRef } from "../../state/picture.js";

export type Origin =
  /** Picture 0 of the seed's world. */
  | { readonly kind: "world"; readonly seed: number }
  | { readonly kind: "picture"; readonly name: string; readonly ref: PictureRef }
  | { readonly kind: "blank" }
  /** Sample `number` of a seed. */
  | { readonly kind: "sample"; readonly seed: number; readonly number: number; readonly steps: number }
  /** Of a way or of a sum of samples. */
  | { readonly kind: "mixture" };

/** As one word of a link; what no link can hold is left out. */
export function writeOrigin(origin: Origin): string | undefined {
  switch (origin.kind) {
    case "world":
      return `world.${origin.seed}`;
    case "sample":
      return `sample.${origin.seed}.${origin.number}.${origin.steps}`;
    case "picture":
    case "blank":
      return origin.kind;
    case "mixture":
      return undefined;
  }
}

/** What a link begins with: "picture" is the one that it looks at. */
export type Beginning = Exclude<Origin, { kind: "picture" | "mixture" }> | { readonly kind: "picture" };

export function readOrigin(text: string | undefined): Beginning | undefined {
  const [kind, ...rest] = (text ?? "").split(".");
  const numbers = rest.map(Number);
  if (numbers.some((n) => !Number.isInteger(n) || n < 0 || n >= 2 ** 32)) return undefined;
  const [seed, number, steps] = numbers;
  if (kind === "world" && seed !== undefined) return { kind, seed };
  if (kind === "blank" || kind === "picture") return { kind };
  if (kind !== "sample" || seed === undefined || number === undefined || number > 63) return undefined;
  return { kind, seed, number, steps: Math.min(3, Math.max(1, steps ?? 1)) };
}

export function originName(origin: Origin, world: string | undefined): string {
  switch (origin.kind) {
    case "world":
      return `${world ?? "world"}, seed ${origin.seed}`;
    case "sample":
      return `sample ${origin.number} of seed ${origin.seed}`;
    case "picture":
      return origin.name;
    case "blank":
      return "blank";
    case "mixture":
      return "a mixture of samples";
  }
}
