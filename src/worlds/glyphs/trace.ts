/** Where the pen goes: a glyph's strokes as line pieces with a radius at each point. */
import { UsageError } from "../../engine/errors.js";
import { Random } from "../../engine/tensor/random.js";
import { bell } from "../bell.js";
import { cosine, sine } from "../portable-math.js";
import type { Glyph } from "./glyph.js";
import type { Skeleton, Stroke } from "./skeletons/parse.js";
import { skeletonsOf } from "./skeletons/table.js";
import { curveThrough, type Path } from "./spline.js";

export interface Trace extends Path {
  /** Of the pen, at each point; as a fraction of the picture's side, as are the points. */
  readonly radius: Float64Array;
  /** Whether a stroke begins at the point. */
  readonly begins: Uint8Array;
}

/** The longest skeleton has some 150 points. */
const ROOM = 1024;
/** Side of the picture that thickness is measured in. */
const PICTURE = 28;
const TURN = 2 * Math.PI;
/** Where most skeletons have their middle. */
const MIDDLE = 0.34;
/** Waves that bend the page, and vary the pen. */
const WAVES = 3;

/** The one returned last: drawing many allocates next to nothing. */
const trace: Trace = {
  at: new Float64Array(2 * ROOM),
  radius: new Float64Array(ROOM),
  begins: new Uint8Array(ROOM),
  count: 0,
};

/** Valid until the next call. Throws `UsageError` for a class or style that there is not. */
export function traceOf(glyph: Glyph): Trace {
  const random = new Random(glyph.seed);
  trace.count = 0;
  // Each has numbers of its own, so that a change of one parameter moves nothing else.
  const [strokes, page, pen, hand] = [seedOf(random), seedOf(random), seedOf(random), seedOf(random)];
  write(skeletonOf(glyph), glyph, new Random(strokes));
  bend(glyph, new Random(page));
  lean(glyph);
  press(glyph, new Random(pen));
  fit(glyph);
  tremble(glyph, new Random(hand));
  return trace;
}

function skeletonOf({ class: glyphClass, style }: Glyph): Skeleton {
  const skeletons = skeletonsOf(glyphClass);
  const found = skeletons.find((one) => one.style === style);
  if (found !== undefined) return found;
  const expected = skeletons.map((one) => `"${one.style}"`).join(", ");
  const got = `"${glyphClass}", "${style}"`;
  throw new UsageError({ what: "no such glyph", where: "class, style", got, ...(expected !== "" && { expected }) });
}

function write({ strokes }: Skeleton, { wobble, roundness }: Glyph, random: Random): void {
  for (const stroke of strokes) {
    const points = astray(stroke, wobble, random);
    trace.begins.fill(0, trace.count, ROOM);
    trace.begins[trace.count] = 1;
    const last = stroke.sharp.length - 1;
    let first = 0;
    for (let i = 1; i <= last; i++) {
      const turns = stroke.sharp[i]! && random.uniform() >= roundness;
      if (!turns && i < last) continue;
      // The point at which the pen turns was the last of the curve before.
      if (first > 0) trace.count--;
      curveThrough(points, first, i, trace);
      first = i;
    }
  }
}

const scratch = new Float64Array(256);

/** The stroke's points, each a bit off, the stroke as a whole too, and its ends longer or shorter. */
function astray({ points }: Stroke, wobble: number, random: Random): Float64Array {
  const dx = 0.5 * wobble * bell(random);
  const dy = 0.5 * wobble * bell(random);
  for (let i = 0; i < points.length; i += 2) {
    scratch[i] = points[i]! + dx + wobble * bell(random);
    scratch[i + 1] = points[i + 1]! + dy + wobble * bell(random);
  }
  stretch(0, 2, wobble * bell(random));
  stretch(points.length - 2, points.length - 4, wobble * bell(random));
  return scratch;
}

/** Moves an end of the stroke away from its neighbour. */
function stretch(end: number, next: number, by: number): void {
  const ex = scratch[end]! - scratch[next]!;
  const ey = scratch[end + 1]! - scratch[next + 1]!;
  const factor = by / Math.sqrt(ex * ex + ey * ey + 1e-9);
  scratch[end] = scratch[end]! + factor * ex;
  scratch[end + 1] = scratch[end + 1]! + factor * ey;
}

/** Some parts grow and others shrink, and then the page is one of long waves. */
function bend({ warp }: Glyph, random: Random): void {
  const { at, count } = trace;
  const [lower, broader, righter] = [2 * warp * bell(random), 4 * warp * bell(random), warp * bell(random)];
  for (let i = 0; i < count; i++) {
    const x = at[2 * i]! - MIDDLE;
    const y = at[2 * i + 1]!;
    at[2 * i] = MIDDLE + x * (1 + broader * (y - 0.5)) + righter * (1 - 9 * x * x);
    at[2 * i + 1] = y + lower * y * (1 - y);
  }
  for (let axis = 0; axis < 2; axis++) {
    for (let wave = 0; wave < WAVES; wave++) {
      const size = (warp * bell(random)) / Math.sqrt(WAVES) / (0.6 + 0.4 * wave);
      const fx = (random.uniform() - 0.5) * TURN * (0.7 + 0.5 * wave);
      const fy = (random.uniform() - 0.5) * TURN * (0.7 + 0.5 * wave);
      const phase = random.uniform() * TURN;
      for (let i = 0; i < count; i++) {
        // Each wave runs over what the waves before have bent.
        at[2 * i + axis] = at[2 * i + axis]! + size * sine(fx * at[2 * i]! + fy * at[2 * i + 1]! + phase);
      }
    }
  }
}

function lean({ aspect, slant, rotation }: Glyph): void {
  const { at, count } = trace;
  const shear = sine(slant) / cosine(slant);
  const c = cosine(rotation);
  const s = sine(rotation);
  for (let i = 0; i < count; i++) {
    const y = at[2 * i + 1]!;
    const x = aspect * at[2 * i]! - shear * y;
    at[2 * i] = c * x - s * y;
    at[2 * i + 1] = s * x + c * y;
  }
}

/** The pen's radius along the strokes; its mean is half of the thickness. */
function press({ thickness, pressure, taper }: Glyph, random: Random): void {
  const { at, radius, begins, count } = trace;
  const frequency = [1.6 + random.uniform(), 3.3 + random.uniform()] as const;
  const phase = [random.uniform() * TURN, random.uniform() * TURN] as const;
  // A broad pen is held at an angle, and is thinner along it.
  const nib = random.uniform() * TURN;
  const [nx, ny] = [cosine(nib), sine(nib)];
  let way = 0;
  let sum = 0;
  let weights = 0;
  for (let i = 0; i < count; i++) {
    const from = i > 0 && begins[i] === 0 ? i - 1 : i;
    const to = from < i ? i : i + 1;
    const dx = at[2 * to]! - at[2 * from]!;
    const dy = at[2 * to + 1]! - at[2 * from + 1]!;
    const step = Math.sqrt(dx * dx + dy * dy) + 1e-9;
    way += step;
    const along = (dx * nx + dy * ny) / step;
    const waves = 0.5 * sine(frequency[0] * way + phase[0]) + 0.3 * sine(frequency[1] * way + phase[1]);
    const width = 1 + pressure * (waves + 0.4 * (0.5 - along * along));
    radius[i] = width;
    sum += width * step;
    weights += step;
  }
  const mean = (thickness / 2 / PICTURE) * (weights / sum);
  for (let i = 0; i < count; i++) radius[i] = mean * radius[i]!;
  if (taper > 0) thinEnds(taper);
}

/** Over how many points a stroke thins towards its end. */
const THINNING = 7;

function thinEnds(taper: number): void {
  const { radius, begins, count } = trace;
  for (let first = 0; first < count;) {
    let last = first + 1;
    while (last < count && begins[last] === 0) last++;
    last--;
    for (let i = first; i <= last; i++) {
      const far = Math.min(1, Math.min(i - first, last - i) / THINNING);
      radius[i] = radius[i]! * (1 - taper * (1 - far) * (1 - far));
    }
    first = last + 1;
  }
}

/** Scales and moves what is written so that its ink has the box and the centre that the glyph says. */
function fit({ scale, x, y, thickness }: Glyph): void {
  const { at, radius, begins, count } = trace;
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  const sum = [0, 0];
  let weight = 0;
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < 2; axis++) {
      low[axis] = Math.min(low[axis]!, at[2 * i + axis]!);
      high[axis] = Math.max(high[axis]!, at[2 * i + axis]!);
    }
    if (begins[i] === 1) continue;
    const dx = at[2 * i]! - at[2 * i - 2]!;
    const dy = at[2 * i + 1]! - at[2 * i - 1]!;
    const mass = radius[i]! * Math.sqrt(dx * dx + dy * dy);
    sum[0] = sum[0]! + mass * (at[2 * i]! - dx / 2);
    sum[1] = sum[1]! + mass * (at[2 * i + 1]! - dy / 2);
    weight += mass;
  }
  const pen = thickness / PICTURE;
  const factor = (scale - pen) / Math.max(high[0]! - low[0]!, high[1]! - low[1]!);
  const place = [x, y];
  for (let axis = 0; axis < 2; axis++) {
    const centre = sum[axis]! / weight;
    const [least, most] = [factor * (low[axis]! - centre) - pen / 2, factor * (high[axis]! - centre) + pen / 2];
    // Ink stays in the picture.
    const middle = Math.min(Math.max(0.5 + place[axis]!, EDGE - least), 1 - EDGE - most);
    for (let i = 0; i < count; i++) at[2 * i + axis] = factor * (at[2 * i + axis]! - centre) + middle;
  }
}

/** How near to the picture's edge ink may come, as a fraction of its side. */
const EDGE = 0.02;

/** Small trembling of the hand; nearby points go nearly the same way. */
function tremble({ tremor }: Glyph, random: Random): void {
  const { at, count } = trace;
  const size = tremor / PICTURE;
  let dx = 0;
  let dy = 0;
  for (let i = 0; i < count; i++) {
    dx = 0.6 * dx + 0.8 * bell(random);
    dy = 0.6 * dy + 0.8 * bell(random);
    at[2 * i] = at[2 * i]! + size * dx;
    at[2 * i + 1] = at[2 * i + 1]! + size * dy;
  }
}

function seedOf(random: Random): number {
  return random.below(2 ** 32);
}
