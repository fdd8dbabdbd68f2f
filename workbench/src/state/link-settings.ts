/** What a room's settings read of a link: words that may be anything, for they come from outside. */
export type LinkSettings = Readonly<Record<string, string>>;

export function oneOf<T extends string>(text: string | undefined, among: readonly T[]): T | undefined {
  return among.find((value) => value === text);
}

/** A number within these bounds. */
export function numberWithin(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

/** Whole numbers with dots between, as {@link dotted} writes them; without those that are too large. */
export function wholeNumbers(text: string | undefined, most: number): number[] {
  const parts = (text ?? "").split(".").filter((part) => /^\d{1,9}$/.test(part));
  return parts.map(Number).filter((value) => value <= most);
}

export const dotted = (values: readonly number[]): string => values.join(".");

/** Without what is undefined or usual. */
export function unusual(
  settings: Readonly<Record<string, readonly [value: string | number | undefined, usual?: string | number]>>,
): LinkSettings {
  const told = Object.entries(settings).filter(([, [value, usual]]) => value !== undefined && value !== usual);
  return Object.fromEntries(told.map(([name, [value]]) => [name, String(value)]));
}
