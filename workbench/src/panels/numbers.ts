/** Numbers for people: enough digits to compare, a true minus sign. Exports keep all digits. */

const MINUS = "\u2212";

/** Three significant digits; very small and very large ones as powers of ten. "no value" for NaN. */
export function readable(value: number): string {
  if (Number.isNaN(value)) return "no value";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-4 || size >= 1e6) return value.toExponential(2).replaceAll("-", MINUS);
  if (Number.isInteger(value)) return withMinus(value.toLocaleString("en-GB"));
  return withMinus(value.toFixed(Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(size))))));
}

/** For values that stand in one column or one grid: as many decimals as the largest of them needs for `digits` digits. */
export function alike(largest: number, digits = 3): (value: number) => string {
  const size = Math.abs(largest);
  if (!(size >= 1e-3 && size < 1e6)) return readable;
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return (value) => {
    if (!Number.isFinite(value)) return readable(value);
    const text = value.toFixed(decimals);
    return Number(text) === 0 ? "0" : withMinus(text);
  };
}

const withMinus = (text: string): string => text.replace("-", MINUS);
