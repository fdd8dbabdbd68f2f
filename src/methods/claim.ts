/** A claim of a paper, and what came out when it was measured here: beside controls, with intervals, whether it held or not. */
import type { Estimate } from "../engine/tensor/bootstrap.js";

export interface Claim {
  /** What the paper says. */
  readonly claim: string;
  /** What was measured, on what, by which seeds. */
  readonly setting: string;
  /** What must come out for the claim to hold here; fixed before it was measured. */
  readonly criterion: string;
  readonly holds: boolean;
  /** What came out, in a sentence or two. */
  readonly found: string;
  readonly tables: readonly ClaimTable[];
}

export interface ClaimTable {
  readonly title: string;
  readonly columns: readonly ClaimColumn[];
  readonly rows: readonly ClaimRow[];
}

export interface ClaimColumn {
  readonly name: string;
  /** How figures are shown: shares as percent, differences of shares as points, or as they are. */
  readonly unit: "percent" | "points" | "plain";
}

export interface ClaimRow {
  readonly name: string;
  /** A control knows nothing of what is claimed. */
  readonly kind: "method" | "baseline" | "control";
  /** One for each column; undefined where a figure means nothing. */
  readonly figures: readonly (Estimate | undefined)[];
}

/** A figure with its interval, for people: "58.6% [51.8, 65.9]". */
export function showEstimate(estimate: Estimate | undefined, unit: ClaimColumn["unit"]): string {
  if (estimate === undefined) return "–";
  const { value, low, high } = estimate;
  const rounded = (x: number): string => (unit === "plain" ? x.toFixed(3) : (100 * x).toFixed(1));
  const show = (x: number): string => rounded(x).replace(/^-(?=[0.]*$)/, "");
  const signed = unit === "points" && value > 0 ? `+${show(value)}` : show(value);
  return `${signed}${unit === "percent" ? "%" : ""} [${show(low)}, ${show(high)}]`;
}
