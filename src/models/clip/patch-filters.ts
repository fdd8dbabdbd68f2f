/** Filters that say of a patch what tells it from others, in equal shares. */
import type { Initialiser } from "../../engine/train/initialise.js";

/** Orthonormal: lightness, and two differences of colours. */
const CHANNELS = [
  [1, 1, 1].map((x) => x / Math.sqrt(3)),
  [1, 0, -1].map((x) => x / Math.sqrt(2)),
  [1, -2, 1].map((x) => x / Math.sqrt(6)),
] as const;

/**
 * How far the coefficients of scenes spread, as measured over 10,000 of their patches, normalised pixels: of a patch's mean
 * for each channel; and of waves, which fall with the waves per patch, down to what noise has. Photographs fall alike.
 */
const MEAN_SPREAD = [1.5, 0.6, 0.37] as const;
const WAVE_SPREAD = { least: 0.12, lightness: 2.6, colour: 1, fall: 0.3 } as const;

/** How much waves of colours count; waves of lightness finer than `fine` count the less, the finer they are. */
const COLOUR_WAVES = 0.4;
const FINE = { from: 6, fall: 0.2 } as const;

/**
 * conv1.weight [D,3,P,P]: the `count` coarsest waves (of a discrete cosine transform) of each channel, divided by how far they
 * spread; rows after these are zero. With random filters the mean lightness of a patch is 12 times as loud as its edges, and a
 * small tower hardly learns to hear them.
 */
export function patchFilters(count: number): Initialiser {
  return (out, _random, shape) => {
    const side = shape.at(-1)!;
    out.fill(0);
    for (const [row, filter] of wavesOf(side).slice(0, count).entries()) {
      const { channel, down, across, gain } = filter;
      for (let colour = 0; colour < 3; colour++) {
        for (let y = 0; y < side; y++) {
          for (let x = 0; x < side; x++) {
            const at = ((row * 3 + colour) * side + y) * side + x;
            out[at] = gain * CHANNELS[channel]![colour]! * cosine(down, y, side) * cosine(across, x, side);
          }
        }
      }
    }
  };
}

interface Wave {
  readonly channel: number;
  readonly down: number;
  readonly across: number;
  readonly gain: number;
}

/** The coarsest first; of equally coarse ones, lightness first. */
function wavesOf(side: number): Wave[] {
  const waves: Wave[] = [];
  for (let fineness = 0; fineness <= 2 * (side - 1); fineness++) {
    for (let channel = 0; channel < 3; channel++) {
      for (let down = Math.max(0, fineness - side + 1); down <= Math.min(fineness, side - 1); down++) {
        waves.push({ channel, down, across: fineness - down, gain: gainOf(channel, fineness, side) });
      }
    }
  }
  return waves;
}

function gainOf(channel: number, fineness: number, side: number): number {
  if (fineness === 0) return 1 / (side * MEAN_SPREAD[channel]!);
  // Measured at 8 × 8: a patch twice as wide has waves twice as fine, and coefficients twice as large.
  const scaled = (8 * fineness) / side;
  const { least, lightness, colour, fall } = WAVE_SPREAD;
  const spread = (side / 8) * (channel === 0 ? lightness : colour) * Math.exp(-fall * scaled) + least;
  const wanted = (channel === 0 ? 1 : COLOUR_WAVES) * Math.exp(-FINE.fall * Math.max(0, scaled - FINE.from));
  return wanted / spread;
}

/** The n-th value of the k-th basis vector of an orthonormal cosine transform. */
function cosine(k: number, n: number, side: number): number {
  return Math.sqrt((k === 0 ? 1 : 2) / side) * Math.cos((Math.PI * (n + 0.5) * k) / side);
}
