/**
 * What of a site is patched at a time: one head, one token, one of both, or the whole of it, in each layer.
 *
 * @file H heads, N tokens (the class token first). S sites are those that the selector matches, usually one per layer.
 */
import { UsageError } from "../../engine/errors.js";
import { matches, select, type Selector } from "../../engine/graph/sites.js";
import { sameShape, type Shape, showShape } from "../../engine/tensor/shape.js";
import type { Clip } from "../../models/clip/clip.js";
import { requireClassToken } from "../../models/clip/readout.js";

export type PatchUnit = "heads" | "tokens" | "heads-tokens" | "whole";

export interface PatchSiteOptions {
  /**
   * A name under `visual.blocks.{i}.` such as `attn.z` (the default) or `resid_post`, meaning that of every layer; or any site of the
   * vision tower, or a pattern of these.
   */
  readonly site?: Selector;
  /** Default: heads where the site has them, else tokens, else the whole site. */
  readonly by?: PatchUnit;
  /** Patch heads, or whole sites, at all tokens (the default) or at the class token only. */
  readonly rows?: "all" | "class";
}

/** One piece of a site, to be taken from another picture. Absent head or token: all of them. */
export interface Cell {
  /** Index into {@link PatchPlan.sites}. */
  readonly site: number;
  readonly head?: number;
  readonly token?: number;
}

export interface PatchPlan {
  readonly selector: Selector;
  /** Names, in the order of the model. */
  readonly sites: readonly string[];
  readonly by: PatchUnit;
  readonly rows: "all" | "class";
  /** [S,H,N], where H and N are 1 for what is not told apart. */
  readonly grid: readonly [sites: number, heads: number, tokens: number];
  /** Of the site itself: heads and tokens, 1 where it has none. */
  readonly size: { readonly heads: number; readonly tokens: number };
  /** Tokens that come before those of patches: the class token and registers, where there are any. */
  readonly prefix: number;
  /** Row-major over the grid. */
  readonly cells: readonly Cell[];
}

/**
 * Throws `UnknownSiteError` for a site that the vision tower has not, `UsageError` for a unit that the site has not, `MissingPartError`
 * for the class token of a model without one.
 */
export function patchPlan(clip: Clip, { site = "attn.z", by, rows = "all" }: PatchSiteOptions = {}): PatchPlan {
  const graph = clip.vision.graph();
  const selector = fullSelector(graph.names, site);
  const sites = select(graph.names, selector);
  const shape = commonShape(
    selector,
    sites.map((name) => graph.site(name).shape),
  );
  const size = sizeOfSite(shape);
  if (rows === "class") requireClassToken(clip);
  const unit = by ?? (size.heads > 1 ? "heads" : size.tokens > 1 ? "tokens" : "whole");
  checkUnit(unit, rows, selector, shape);
  const grid = [
    sites.length,
    unit.startsWith("heads") ? size.heads : 1,
    unit.endsWith("tokens") ? size.tokens : 1,
  ] as const;
  return { selector, sites, by: unit, rows, grid, size, prefix: clip.parts.vision.prefix, cells: cellsOf(unit, grid) };
}

/** A name under blocks first, then one of the tower, then as it is. */
function fullSelector(names: readonly string[], site: Selector): Selector {
  const ways = [`visual.blocks.*.${site}`, `visual.${site}`];
  return ways.find((way) => matches(names, way)) ?? site;
}

function commonShape(selector: Selector, shapes: readonly Shape[]): Shape {
  const [first] = shapes as [Shape];
  const other = shapes.find((shape) => !sameShape(shape, first));
  if (other === undefined) return first;
  throw new UsageError({
    what: "sites of several shapes cannot be patched as one grid",
    where: selector,
    got: `${showShape(first)} and ${showShape(other)}`,
    fix: "choose a narrower selector",
  });
}

/** Of a site [B,H,N,…], [B,N,…] or [B,…]. */
function sizeOfSite(shape: Shape): PatchPlan["size"] {
  const [, first = 1, second = 1] = shape;
  if (shape.length === 4) return { heads: first, tokens: second };
  return { heads: 1, tokens: shape.length === 3 ? first : 1 };
}

function checkUnit(by: PatchUnit, rows: PatchPlan["rows"], selector: Selector, shape: Shape): void {
  const refuse = (got: string, expected: string): never => {
    throw new UsageError({ what: "this site cannot be patched so", where: selector, got, expected });
  };
  if (by.startsWith("heads") && shape.length !== 4) refuse(`by ${by}`, "a site with heads, such as attn.z");
  if (by.endsWith("tokens") && shape.length < 3) refuse(`by ${by}`, "a site with tokens, such as resid_post");
  if (rows === "class" && (by.endsWith("tokens") || shape.length < 3)) {
    refuse("the class token only", "heads, or the whole of a site that has tokens");
  }
}

function cellsOf(by: PatchUnit, [sites, heads, tokens]: PatchPlan["grid"]): Cell[] {
  return Array.from({ length: sites * heads * tokens }, (_, i) => ({
    site: Math.floor(i / (heads * tokens)),
    ...(by.startsWith("heads") && { head: Math.floor(i / tokens) % heads }),
    ...(by.endsWith("tokens") && { token: i % tokens }),
  }));
}
