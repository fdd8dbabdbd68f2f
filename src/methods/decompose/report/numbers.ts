/** How findings are written out. */

/** With its sign, and four decimals unless told. */
export function signed(value: number, decimals = 4): string {
  return (value < 0 ? "−" : "+") + Math.abs(value).toFixed(decimals);
}

/** Decimals that give `reach` three significant digits, at least four: for values up to ±`reach`. */
export function decimalsFor(reach: number): number {
  return Math.min(12, Math.max(4, 2 - Math.floor(Math.log10(reach))));
}

/** As {@link signed}; the sign only where it is negative. */
export function plain(value: number): string {
  return (value < 0 ? "−" : "") + Math.abs(value).toFixed(4);
}

export function percent(part: number): string {
  const digits = Math.abs(part) < 0.0995 && part !== 0 ? 1 : 0;
  return `${part < 0 ? "−" : ""}${Math.abs(part * 100).toFixed(digits)} %`;
}

/** A head's name, counted from 0 as in the site names. */
export function headName({ layer, head }: { readonly layer: number; readonly head: number }): string {
  return `L${layer}.H${head}`;
}

export function largestMagnitude(...lists: readonly ArrayLike<number>[]): number {
  let largest = 0;
  for (const list of lists) for (const value of Array.from(list)) largest = Math.max(largest, Math.abs(value));
  return largest;
}
