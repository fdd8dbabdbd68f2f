/** Cells and axes of patching grids by name, with layers, heads and tokens counted from 0 as in site names. */
import type { Cell, PatchPlan } from "./plan.js";

/** The block that a site lies in, or nothing for a site outside blocks. */
export function layerOf(site: string): number | undefined {
  const layer = /\.blocks\.(\d+)\./.exec(site)?.[1];
  return layer === undefined ? undefined : Number(layer);
}

/** A patch, counted in row-major order, or what comes before patches: the class token, then registers. */
function tokenName({ prefix, size }: PatchPlan, token: number): string {
  if (size.tokens <= prefix) return `token ${token}`;
  if (token >= prefix) return `patch ${token - prefix}`;
  return token === 0 ? "class" : `register ${token - 1}`;
}

/** Such as "L3.H2", "L0 patch 20", or the site's name outside blocks. */
export function cellName(plan: PatchPlan, { site, head, token }: Cell): string {
  const { sites } = plan;
  const layer = layerOf(sites[site]!);
  const place = layer === undefined ? sites[site]! : `L${layer}`;
  const part = head === undefined ? place : `${place}.H${head}`;
  return token === undefined ? part : `${part} ${tokenName(plan, token)}`;
}

/** What the rows and columns of a grid, laid out flat, are; rows [S·H] where tokens make the columns, else [S]. */
export function gridAxes(plan: PatchPlan): {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly rowAxis: string;
  readonly columnAxis: string;
} {
  const { by, cells, grid, prefix, sites } = plan;
  const [, heads, tokens] = grid;
  const columnCount = by === "heads" ? heads : tokens;
  const rowCells = cells.filter((_, i) => i % columnCount === 0);
  const inBlocks = sites.every((site) => layerOf(site) !== undefined);
  const rows = rowCells.map(({ site, head }) =>
    by === "heads-tokens"
      ? cellName(plan, { site, head: head! })
      : inBlocks
        ? String(layerOf(sites[site]!))
        : sites[site]!,
  );
  const columns = by === "whole" ? [""] : Array.from({ length: columnCount }, (_, i) => String(i));
  const tokenAxis = prefix === 0 ? "token (patches by row)" : `token (0: class token, patches by row from ${prefix})`;
  const columnAxis = { heads: "head", tokens: tokenAxis, "heads-tokens": tokenAxis, whole: "all" }[by];
  return { rows, columns, rowAxis: by === "heads-tokens" ? "head" : inBlocks ? "layer" : "site", columnAxis };
}
