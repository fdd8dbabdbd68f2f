import { Random } from "../../../engine/tensor/random.js";
import { inside } from "../../distance.js";
import { sine } from "../../portable-math.js";
import { smooth } from "../build.js";
import { blend, type Canvas, dim, frameAt, paint, put } from "../canvas.js";
import type { FacePhoto } from "../face.js";
import { BACKDROP_COLOURS, mixed, type Rgb, scaled } from "../palette.js";

const ALL = [0, 0, 1, 1] as const;

/** Fills the whole picture. */
export function paintBackdrop(canvas: Canvas, { backdrop, seed }: FacePhoto): void {
  const random = new Random(seed);
  const first = BACKDROP_COLOURS[random.below(BACKDROP_COLOURS.length)]!;
  const second = BACKDROP_COLOURS[random.below(BACKDROP_COLOURS.length)]!;
  const { size } = canvas;
  const whole = frameAt(0, 0, [size, 0], [0, size]);
  const spread = backdrop === "plain" ? 0.12 : backdrop === "gradient" ? 0.9 : 0.35;
  const end = mixed(scaled(first, 0.92), second, spread);
  paint(canvas, whole, ALL, "background", (x, y, ink) => {
    // A vignette, so that no backdrop is flat.
    const edge = 1 - 0.22 * smooth(0.35, 0.95, Math.sqrt((x - 0.5) * (x - 0.5) + (y - 0.45) * (y - 0.45)));
    put(ink, first);
    blend(ink, end, y);
    dim(ink, edge);
    return 1;
  });
  const light = mixed(first, [255, 255, 255], 0.55);
  if (backdrop === "lights") paintLights(canvas, random, mixed(second, light, 0.5));
  if (backdrop === "stripes") paintStripes(canvas, random, second);
  if (backdrop === "hills") paintHills(canvas, random, scaled(second, 0.82));
}

/** Discs out of focus. */
function paintLights(canvas: Canvas, random: Random, colour: Rgb): void {
  const { size } = canvas;
  for (let i = 0; i < 12; i++) {
    const [x, y, radius] = [random.uniform(), random.uniform() * 0.8, 0.04 + 0.08 * random.uniform()];
    const strength = 0.2 + 0.3 * random.uniform();
    const frame = frameAt(x * size, y * size, [size, 0], [0, size]);
    paint(canvas, frame, [-radius, -radius, radius, radius], undefined, (u, v, ink) => {
      put(ink, colour);
      const far = Math.sqrt(u * u + v * v);
      return strength * inside(far - radius, Math.min(size, 60)) * (0.7 + (0.3 * far) / radius);
    });
  }
}

function paintStripes(canvas: Canvas, random: Random, colour: Rgb): void {
  const { size } = canvas;
  const turn = random.uniform() * Math.PI;
  const [nx, ny] = [sine(turn), sine(turn + Math.PI / 2)];
  const [period, phase] = [0.12 + 0.14 * random.uniform(), random.uniform()];
  paint(canvas, frameAt(0, 0, [size, 0], [0, size]), ALL, undefined, (x, y, ink) => {
    put(ink, colour);
    const at = (x * nx + y * ny) / period + phase;
    const fraction = at - Math.floor(at);
    return 0.32 * inside((Math.abs(fraction - 0.5) - 0.25) * period, size);
  });
}

/** Two ranges, the nearer one darker. */
function paintHills(canvas: Canvas, random: Random, colour: Rgb): void {
  const { size } = canvas;
  for (let range = 0; range < 2; range++) {
    const [height, phase, wave] = [0.5 + 0.16 * range, random.uniform() * 6, 4 + 4 * random.uniform()];
    const tone = scaled(colour, 1.1 - 0.22 * range);
    paint(canvas, frameAt(0, 0, [size, 0], [0, size]), ALL, undefined, (x, y, ink) => {
      put(ink, tone);
      const edge = height + 0.06 * sine(wave * x + phase) + 0.03 * sine(2.3 * wave * x + 2 * phase);
      return 0.75 * inside(edge - y, size);
    });
  }
}
