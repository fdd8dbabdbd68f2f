/** Axes of diagrams: from values to pixels, with ticks at round numbers. */
export interface Axis {
  readonly place: (value: number) => number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

interface LinearOptions {
  /** Ends exactly at `low` and `high` instead of at ticks. */
  readonly tight?: boolean;
  /** Ticks at whole numbers only. */
  readonly whole?: boolean;
}

/** About this many ticks. */
const TICKS = 6;

/** `start` and `end`: the pixels of the axis's ends. */
export function linearAxis(
  low: number,
  high: number,
  start: number,
  end: number,
  { tight = false, whole = false }: LinearOptions = {},
): Axis {
  const span = high > low ? high - low : Math.abs(high) || 1;
  const stride = Math.max(roundStride(span / TICKS), whole ? 1 : 0);
  const first = Math.floor(low / stride);
  const last = Math.max(Math.ceil(high / stride), first + 1);
  const [from, to] = tight ? [low, low + span] : [first * stride, last * stride];
  const place = (value: number): number => start + ((value - from) / (to - from)) * (end - start);
  const marks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * stride).toPrecision(12)));
  const ticks = marks
    .filter((mark) => mark >= from && mark <= to)
    .map((mark) => ({ at: place(mark), label: label(mark) }));
  return { place, ticks };
}

/** For positive values. Ticks at 1, 2 and 5 times powers of ten while there is room for them. */
export function logAxis(low: number, high: number, start: number, end: number): Axis {
  const decades = Math.log10(high / low);
  const factors = decades > 5 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
  const [from, to] = [Math.log10(low) - 0.02 * decades - 0.01, Math.log10(high) + 0.02 * decades + 0.01];
  const place = (value: number): number => start + ((Math.log10(value) - from) / (to - from)) * (end - start);
  const powers = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, i) => Math.floor(from) + i);
  const marks = powers
    .flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
    .filter((mark) => Math.log10(mark) >= from && Math.log10(mark) <= to);
  return { place, ticks: marks.map((mark) => ({ at: place(mark), label: label(mark) })) };
}

/** The smallest of 1, 2, 5 times a power of ten that is not below `least`. */
function roundStride(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * 0.999) ?? 10;
  return factor * power;
}

function label(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 10_000) return `${Number((value / 1e3).toPrecision(4))}k`;
  return size > 0 && size < 1e-4 ? value.toExponential() : String(value);
}
