/**
 * Reads captions back, and says whether they are true.
 *
 * @file Written without the grammar that makes captions: its word lists are spelt out here, and a caption that does not
 * parse is an error.
 */
import { positionOf, type Scene, type SceneObject } from "../../../src/worlds/scenes/index.js";

/** Lines of `value: word, word`. */
function lexicon(lines: string): ReadonlyMap<string, string> {
  const entries = lines.trim().split("\n");
  return new Map(
    entries.flatMap((line) => {
      const [value, words] = line.trim().split(": ") as [string, string];
      return words.split(", ").map((word) => [word, value] as const);
    }),
  );
}

const SHAPES = lexicon(`
  circle: circle, circles, disc, discs
  square: square, squares, box, boxes
  triangle: triangle, triangles, wedge, wedges
  star: star, stars
  heart: heart, hearts, valentine, valentines
  ring: ring, rings, hoop, hoops
  cross: cross, crosses, plus, pluses
  crescent: crescent, crescents, moon, moons
  diamond: diamond, diamonds, rhombus, rhombuses
  hexagon: hexagon, hexagons
  arrow: arrow, arrows, pointer, pointers
  fish: fish, trout
  bird: bird, birds, sparrow, sparrows
  tree: tree, trees, fir, firs
  house: house, houses, cottage, cottages
  flower: flower, flowers, blossom, blossoms
  boat: boat, boats, ship, ships
  mushroom: mushroom, mushrooms, toadstool, toadstools
  any: object, objects, thing, things, shape, shapes, something`);
const COLOURS = lexicon(`
  red: red, scarlet
  orange: orange, tangerine
  yellow: yellow, golden
  green: green, emerald
  blue: blue, cobalt
  purple: purple, violet
  pink: pink, rosy
  brown: brown, chestnut
  white: white, snowy
  black: black, ebony`);
const TEXTURES = lexicon(`
  solid: solid, uniform
  striped: striped, stripy
  dotted: dotted, spotted
  checkered: checkered, checked
  rippled: rippled, concentric
  faded: faded, fading`);
const TAILS = lexicon(`
  solid: without pattern
  striped: with stripes
  dotted: with dots, with spots
  checkered: with checks
  rippled: with ripples
  faded: with a gradient`);
const SIZES = lexicon(`
  small: small, little, tiny
  medium: medium, average
  large: large, big, huge`);
const POSITIONS = lexicon(`
  top left: in the top left corner, in the top left, in the upper left
  top: at the top
  top right: in the top right corner, in the top right, in the upper right
  left: on the left side, on the left
  centre: in the centre, in the middle
  right: on the right side, on the right
  bottom left: in the bottom left corner, in the bottom left, in the lower left
  bottom: at the bottom
  bottom right: in the bottom right corner, in the bottom right, in the lower right`);
const BACKGROUNDS = lexicon(`
  plain: on a plain background, on a blank background, a plain background, a blank background
  sky: in the sky, among clouds, in the air, the sky, the air
  grass: on the grass, on a meadow, on the lawn, the grass, a meadow, the lawn
  sea: in the sea, in the ocean, in the water, the sea, the ocean, the water
  sand: on the sand, on the beach, in the desert, the sand, the beach, the desert
  night: at night, in the night, at midnight, the night, midnight
  brick: on a brick wall, in front of bricks, against a brick wall, a brick wall, bricks
  checker: on a checkerboard, on a chessboard, on a tiled floor, a checkerboard, a chessboard, a tiled floor`);
const STYLES = lexicon(`
  clean: a clean picture, a sharp image, a crisp picture, a clean photo
  noisy: a noisy picture, a grainy photo, a noisy image
  blurred: a blurred picture, a blurry photo, a blurred image
  sketch: a pencil sketch, a sketch, a drawing
  pixelated: a pixelated picture, a blocky image, a pixelated image
  dark: a dark picture, a dim photo, a dark image
  any: a picture, an image, a photo`);
const RELATIONS = lexicon(`
  left of: to the left of, left of
  right of: to the right of, right of
  above: above, over
  below: below, beneath`);
const COUNTS: ReadonlyMap<string, number> = new Map([
  ["something", 1],
  ["a", 1],
  ["an", 1],
  ["two", 2],
  ["three", 3],
  ["four", 4],
]);

/** What a caption says of an object or several. */
export interface Mention {
  readonly count: number;
  readonly shape?: string;
  readonly colour?: string;
  readonly texture?: string;
  readonly size?: string;
  readonly position?: string;
}

export interface Reading {
  readonly style?: string;
  readonly background?: string;
  readonly mentions: readonly Mention[];
  /** Between the first mention and the second. */
  readonly relation?: string;
}

/** Throws when the caption is none of this grammar. */
export function readCaption(text: string): Reading {
  let rest = text;
  const takeStart = (table: ReadonlyMap<string, string>, after = ""): string | undefined => {
    for (const [phrase, value] of longestFirst(table)) {
      if (rest !== phrase + after.trimEnd() && !rest.startsWith(`${phrase}${after} `)) continue;
      rest = rest.slice(`${phrase}${after}`.length).trim();
      return value;
    }
    return undefined;
  };
  const takeEnd = (table: ReadonlyMap<string, string>): string | undefined => {
    for (const [phrase, value] of longestFirst(table)) {
      if (rest !== phrase && !rest.endsWith(` ${phrase}`)) continue;
      rest = rest.slice(0, rest.length - phrase.length).trim();
      return value;
    }
    return undefined;
  };
  const whole = STYLES.get(text);
  if (whole !== undefined) return { style: whole, mentions: [] };
  const style = takeStart(STYLES, " of");
  const there = /^there (is|are) /.exec(rest);
  if (there !== null) rest = rest.slice(there[0].length);
  const background = takeEnd(BACKGROUNDS);
  const found = { ...(style !== undefined && { style }), ...(background !== undefined && { background }) };
  if (rest === "") return { ...found, mentions: [] };
  const related = new RegExp(` (${[...RELATIONS.keys()].sort((a, b) => b.length - a.length).join("|")}) `).exec(rest);
  const parts =
    related === null
      ? rest.split(" and ")
      : [rest.slice(0, related.index), rest.slice(related.index + related[0].length)];
  const mentions = parts.map(readMention);
  if (there !== null && (there[1] === "are") !== mentions[0]!.count > 1) throw new Error(`${text}: is or are?`);
  return { ...found, mentions, ...(related !== null && { relation: RELATIONS.get(related[1]!)! }) };
}

function longestFirst<T>(table: ReadonlyMap<string, T>): [string, T][] {
  return [...table].sort(([a], [b]) => b.length - a.length);
}

function readMention(text: string): Mention {
  let words = text;
  const found: Record<string, string> = {};
  const put = (key: string, value: string): void => {
    if (key in found) throw new Error(`"${text}" says its ${key} twice`);
    found[key] = value;
  };
  for (const [key, table] of [
    ["position", POSITIONS],
    ["texture", TAILS],
  ] as const) {
    const [phrase, value] = longestFirst(table).find(([ending]) => words.endsWith(` ${ending}`)) ?? [];
    if (phrase === undefined) continue;
    put(key, value!);
    words = words.slice(0, -phrase.length - 1);
  }
  const list = words.split(" ");
  const count = COUNTS.get(list[0]!);
  if (count === undefined) throw new Error(`"${text}" does not begin with a count`);
  if (list[0] === "an" || list[0] === "a") {
    // "uniform" is said with a y.
    if ((list[0] === "an") !== /^[aeio]/.test(list[1]!)) throw new Error(`"${text}" has the wrong article`);
    list.shift();
  } else if (count > 1) list.shift();
  for (const word of list) {
    if (SHAPES.has(word)) put("shape", SHAPES.get(word)!);
    else if (COLOURS.has(word)) put("colour", COLOURS.get(word)!);
    else if (TEXTURES.has(word)) put("texture", TEXTURES.get(word)!);
    else if (SIZES.has(word)) put("size", SIZES.get(word)!);
    else throw new Error(`"${text}": what is "${word}"?`);
  }
  if (!("shape" in found)) throw new Error(`"${text}" has no noun`);
  const { shape, ...others } = found;
  return { count, ...others, ...(shape !== "any" && { shape: shape }) };
}

/** Undefined when all that was read is true of the scene; otherwise what is not. */
export function untruth(scene: Scene, { style, background, mentions, relation }: Reading): string | undefined {
  if (style !== undefined && style !== "any" && style !== scene.style) return `style ${style}`;
  if (background !== undefined && background !== scene.background) return `background ${background}`;
  const fitting = mentions.map((mention) => scene.objects.filter((object) => fits(object, mention)));
  for (const [i, { count }] of mentions.entries()) {
    const found = fitting[i]!.length;
    if (count > 1 ? found !== count : found < 1) return `${count} of ${JSON.stringify(mentions[i])}, found ${found}`;
  }
  if (relation !== undefined) {
    const [first, second] = fitting as [SceneObject[], SceneObject[]];
    const holds = first.some((a) => second.some((b) => a !== b && isRelated(a, relation, b)));
    return holds ? undefined : `relation ${relation}`;
  }
  return canBeTakenApart(mentions, fitting) ? undefined : "mentions of one object as two";
}

function fits(object: SceneObject, { shape, colour, texture, size, position }: Mention): boolean {
  return (
    (shape ?? object.shape) === object.shape &&
    (colour ?? object.colour) === object.colour &&
    (texture ?? object.texture) === object.texture &&
    (size ?? object.size) === object.size &&
    (position ?? positionOf(object)) === positionOf(object)
  );
}

function isRelated(a: SceneObject, relation: string, b: SceneObject): boolean {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const along = { "left of": dx, "right of": -dx, above: dy, below: -dy }[relation]!;
  return along > 0.1 && along === Math.max(Math.abs(dx), Math.abs(dy));
}

/** Whether different objects can be found for all mentions. */
function canBeTakenApart(
  mentions: readonly Mention[],
  fitting: readonly (readonly SceneObject[])[],
  taken: readonly SceneObject[] = [],
): boolean {
  const [mention, ...others] = mentions;
  if (mention === undefined) return true;
  const free = fitting[0]!.filter((object) => !taken.includes(object));
  if (mention.count > 1) {
    return free.length === mention.count && canBeTakenApart(others, fitting.slice(1), [...taken, ...free]);
  }
  return free.some((object) => canBeTakenApart(others, fitting.slice(1), [...taken, object]));
}
