/** Learning rates as pure functions of the step, which counts updates from 0. */
export type Schedule = (step: number) => number;

export function constantRate(rate: number): Schedule {
  return () => rate;
}

/**
 * Rises in a straight line to `peak` within `warmup` steps (the first is `peak / warmup`, not zero), then falls along half a
 * cosine to `floor` at step `total`, and stays there.
 */
export function warmupCosine(peak: number, warmup: number, total: number, floor = 0): Schedule {
  return warmed(peak, warmup, total, (progress) => floor + (peak - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** As {@link warmupCosine}, falling in a straight line. */
export function warmupLinear(peak: number, warmup: number, total: number, floor = 0): Schedule {
  return warmed(peak, warmup, total, (progress) => peak + (floor - peak) * progress);
}

function warmed(peak: number, warmup: number, total: number, fall: (progress: number) => number): Schedule {
  if (!(warmup >= 0 && total > warmup)) {
    throw new RangeError(`a warm-up of ${warmup} steps does not fit into ${total} steps`);
  }
  return (step) => {
    if (step < warmup) return (peak * (step + 1)) / warmup;
    return fall(Math.min(1, (step - warmup) / (total - warmup)));
  };
}
