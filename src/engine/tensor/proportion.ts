/** A share of hits, with the interval that it is known to. */
export interface Proportion {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

const Z_95 = 1.959963984540054;

/** With Wilson's interval of 95% (Wilson 1927). Throws a RangeError for no hits and no misses. */
export function proportion(hits: readonly boolean[]): Proportion {
  const count = hits.length;
  if (count === 0) throw new RangeError("a share of nothing");
  const share = hits.filter(Boolean).length / count;
  const squared = Z_95 ** 2 / count;
  const centre = (share + squared / 2) / (1 + squared);
  const half = (Z_95 / (1 + squared)) * Math.sqrt((share * (1 - share)) / count + squared / (4 * count));
  return {
    share,
    low: Math.min(share, Math.max(0, centre - half)),
    high: Math.max(share, Math.min(1, centre + half)),
    count,
  };
}
