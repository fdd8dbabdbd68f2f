/** What a scene is, and where things in it are. */
import type { Background, Colour, Position, Relation, Shape, Size, Style, Texture } from "./vocabulary.js";

export interface SceneObject {
  readonly shape: Shape;
  readonly colour: Colour;
  readonly texture: Texture;
  readonly size: Size;
  /** Of the centre, as a fraction of the picture's side; to the right. */
  readonly x: number;
  /** Of the centre, as a fraction of the picture's side; downwards. */
  readonly y: number;
  /** Radians, clockwise. */
  readonly rotation: number;
  /** Looks the other way. */
  readonly flipped: boolean;
  /** Its extent, as a fraction of the picture's side. */
  readonly scale: number;
  /** Of its texture's angle and phase. */
  readonly seed: number;
}

/** All that a picture depends on, but for its number of pixels. Later objects lie in front of earlier ones. */
export interface Scene {
  readonly background: Background;
  readonly style: Style;
  /** Of what varies in the background, and of noise. */
  readonly seed: number;
  readonly objects: readonly SceneObject[];
}

/** Where the outer thirds of positions end. */
const THIRDS = [0.4, 0.6] as const;
/** The least distance, as a fraction of the picture's side, at which something is left of something else. */
const APART = 0.12;

const GRID: readonly (readonly [Position, Position, Position])[] = [
  ["top left", "top", "top right"],
  ["left", "centre", "right"],
  ["bottom left", "bottom", "bottom right"],
];

/** The cell of the 3 × 3 grid in which the object's centre lies; the middle row and column are a fifth of the side wide. */
export function positionOf({ x, y }: Pick<SceneObject, "x" | "y">): Position {
  return GRID[third(y)]![third(x)];
}

function third(at: number): 0 | 1 | 2 {
  return at < THIRDS[0] ? 0 : at > THIRDS[1] ? 2 : 1;
}

/** How `a` lies to `b`, along the axis on which their centres are further apart; undefined when they are too close. */
export function relationOf(a: Pick<SceneObject, "x" | "y">, b: Pick<SceneObject, "x" | "y">): Relation | undefined {
  const [dx, dy] = [a.x - b.x, a.y - b.y];
  const [across, down] = [Math.abs(dx), Math.abs(dy)];
  if (Math.max(across, down) < APART || across === down) return undefined;
  if (across > down) return dx < 0 ? "left of" : "right of";
  return dy < 0 ? "above" : "below";
}
