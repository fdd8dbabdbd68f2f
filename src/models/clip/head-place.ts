/** Attention heads of a vision tower by name. */
import { UsageError } from "../../engine/errors.js";
import type { Clip } from "./clip.js";
import { readLayers } from "./readout.js";

/** Layer and head, each counted from 0. Where tokens are pooled by attention, the pool is layer 0. */
export interface HeadPlace {
  readonly layer: number;
  readonly head: number;
}

/** All heads, layer by layer. */
export function allHeads({ parts: { vision } }: Clip): HeadPlace[] {
  return Array.from({ length: readLayers(vision) * vision.heads }, (_, cell) => ({
    layer: Math.floor(cell / vision.heads),
    head: cell % vision.heads,
  }));
}

/** Throws `UsageError` for no heads, heads that the model has not, and a head twice. */
export function checkHeads(clip: Clip, heads: readonly HeadPlace[]): void {
  const { heads: perLayer } = clip.parts.vision;
  const layers = readLayers(clip.parts.vision);
  const within = (x: number, count: number): boolean => Number.isInteger(x) && x >= 0 && x < count;
  const odd = heads.find(({ layer, head }) => !(within(layer, layers) && within(head, perLayer)));
  const names = heads.map(({ layer, head }) => `L${layer}.H${head}`);
  const again = names.find((name, i) => names.indexOf(name) < i);
  if (heads.length > 0 && odd === undefined && again === undefined) return;
  const got = odd === undefined ? again && `${again} twice` : `L${odd.layer}.H${odd.head}`;
  throw new UsageError({
    what: heads.length === 0 ? "no heads" : "no such heads",
    where: clip.parts.ref,
    ...(got === undefined ? {} : { got }),
    expected: `each once, from L0.H0 to L${layers - 1}.H${perLayer - 1}`,
  });
}
