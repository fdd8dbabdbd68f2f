/** Components by name, as people write them: what an ablation holds at its mean. */
import { UsageError } from "../../engine/errors.js";
import type { Clip } from "../../models/clip/clip.js";
import { checkHeads, type HeadPlace } from "../../models/clip/head-place.js";
import { readLayers, requireClassToken } from "../../models/clip/readout.js";
import { headsOfLayers } from "./ablation-runs.js";
import type { Ablation } from "./components.js";

const GRAMMAR =
  "L3.H1 (a head), L3.heads, L3.mlp, L3.cls (what the class token takes from itself), L3 (heads and MLP of a layer), L0-2 and L0-2.heads (layers 0 to 2), heads, mlps, cls, start (of the residual stream)";

/**
 * An ablation of everything that is named: {@link GRAMMAR}. What two names share counts once. Throws `UsageError` for a name that means
 * nothing, a part that the model has not, the same name twice, and no names; `MissingPartError` for the class token of a model that
 * has none.
 */
export function ablationOf(clip: Clip, name: string, components: readonly string[]): Ablation {
  const again = components.find((component, i) => components.indexOf(component) < i);
  if (components.length === 0 || again !== undefined) {
    const got = again === undefined ? {} : { got: `${again} twice` };
    throw new UsageError({ what: "no such components", where: clip.parts.ref, ...got, expected: `some of ${GRAMMAR}` });
  }
  const parts = components.map((component) => partsOf(clip, component));
  const heads = parts.flatMap((part) => part.heads ?? []);
  const all = (pick: "selves" | "mlps"): number[] => [...new Set(parts.flatMap((part) => part[pick] ?? []))];
  return {
    name,
    heads: heads.filter((one, i) => heads.findIndex((other) => isSame(one, other)) === i),
    selves: all("selves"),
    mlps: all("mlps"),
    start: parts.some(({ start }) => start),
  };
}

const isSame = (a: HeadPlace, b: HeadPlace): boolean => a.layer === b.layer && a.head === b.head;

function partsOf(clip: Clip, component: string): Omit<Ablation, "name"> {
  const count = readLayers(clip.parts.vision);
  const [, first, last = first, part = "layer"] =
    /^L(\d+)(?:-(\d+))?(?:\.(H\d+|heads|cls|mlp))?$/i.exec(component) ?? [];
  if (first === undefined) return partsOfAll(clip, component, upTo(0, count));
  const layers = upTo(Number(first), Number(last) + 1);
  if (layers.length === 0 || Number(last) >= count) refuse(clip, component, `layers from 0 to ${count - 1}`);
  switch (part.toLowerCase()) {
    case "heads":
      return { heads: headsOfLayers(clip, layers) };
    case "cls":
      requireClassToken(clip);
      return { selves: layers };
    case "mlp":
      return { mlps: layers };
    case "layer":
      return { heads: headsOfLayers(clip, layers), mlps: layers };
    default: {
      const heads = layers.map((layer) => ({ layer, head: Number(part.slice(1)) }));
      checkHeads(clip, heads);
      return { heads };
    }
  }
}

function partsOfAll(clip: Clip, component: string, layers: readonly number[]): Omit<Ablation, "name"> {
  switch (component.toLowerCase()) {
    case "heads":
      return { heads: headsOfLayers(clip, layers) };
    case "mlps":
      return { mlps: layers };
    case "cls":
      requireClassToken(clip);
      return { selves: layers };
    case "start":
      return { start: true };
    default:
      return refuse(clip, component, GRAMMAR);
  }
}

const upTo = (start: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);

function refuse({ parts }: Clip, got: string, expected: string): never {
  throw new UsageError({ what: "no such component", where: parts.ref, got, expected });
}
