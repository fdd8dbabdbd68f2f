/**
 * Pictures as words of a link.
 *
 * @file A file is `f` and its hash; a scene is `s` and its parts: `ssea*clean*7*heart.red.solid.large_0.5_0.25_0_0.4_17`. Only
 * characters are used that an address leaves as they are. Numbers come back to the bit.
 */
import type { PictureRef, Scene } from "./picture.js";

/** What makes a link unreadable, for people. */
export class Damage extends Error {}

type SceneObject = Scene["objects"][number];

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.";
const MOST_OBJECTS = 12;

export function writePicture(ref: PictureRef): string {
  if ("picture" in ref) return `f${writeBytes(Uint8Array.from(ref.picture.match(/../g)!, (hex) => parseInt(hex, 16)))}`;
  const { background, style, seed, objects } = ref.scene;
  return `s${[background, style, String(seed), ...objects.map(writeObject)].join("*")}`;
}

/** Throws {@link Damage}. */
export function readPicture(text: string): PictureRef {
  if (text.startsWith("f")) {
    const hex = Array.from(readBytes(text.slice(1), 32), (byte) => byte.toString(16).padStart(2, "0"));
    return { picture: hex.join("") };
  }
  if (!text.startsWith("s")) throw new Damage("a picture is neither a file nor a scene");
  const [background, style, seed, ...objects] = text.slice(1).split("*");
  if (objects.length > MOST_OBJECTS) throw new Damage(`a scene has more than ${MOST_OBJECTS} objects`);
  return {
    // The job that is asked about the scene knows the vocabulary and says what is not in it.
    scene: {
      background: word(background),
      style: word(style),
      seed: whole(seed),
      objects: objects.map(readObject),
    } as Scene,
  };
}

function writeObject({ shape, colour, texture, size, x, y, rotation, scale, seed, flipped }: SceneObject): string {
  const numbers = [x, y, rotation, scale].map(writeNumber);
  return [[shape, colour, texture, size].join("."), ...numbers, String(seed), ...(flipped ? ["f"] : [])].join("_");
}

function readObject(text: string): SceneObject {
  const [words = "", x, y, rotation, scale, seed, flipped, ...rest] = text.split("_");
  const [shape, colour, texture, size, ...others] = words.split(".");
  if (rest.length > 0 || others.length > 0 || (flipped !== undefined && flipped !== "f")) {
    throw new Damage("an object of a scene has too many parts");
  }
  return {
    shape: word(shape),
    colour: word(colour),
    texture: word(texture),
    size: word(size),
    x: readNumber(x),
    y: readNumber(y),
    rotation: readNumber(rotation),
    flipped: flipped === "f",
    scale: readNumber(scale),
    seed: whole(seed),
  } as SceneObject;
}

function word(text: string | undefined): string {
  if (text === undefined || !/^[a-z]{1,20}$/.test(text)) throw new Damage("a word of a scene cannot be read");
  return text;
}

function whole(text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || !/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new Damage("a seed of a scene is no whole number");
  }
  return value;
}

/** As decimals where these are short, else as the eight bytes. */
function writeNumber(value: number): string {
  const decimal = Object.is(value, -0) ? "-0" : String(value);
  if (decimal.length <= 12 && !decimal.includes("+")) return decimal;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return `b${writeBytes(bytes)}`;
}

function readNumber(text: string | undefined): number {
  if (text?.startsWith("b")) return finite(new DataView(readBytes(text.slice(1), 8).buffer).getFloat64(0));
  if (text === undefined || !/^-?\d+(?:\.\d+)?(?:e-?\d+)?$/.test(text))
    throw new Damage("a number of a scene cannot be read");
  return finite(Number(text));
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Damage("a number of a scene is not finite");
  return value;
}

function writeBytes(bytes: Uint8Array): string {
  let out = "";
  for (let bit = 0; bit < bytes.length * 8; bit += 6) {
    const at = bit >> 3;
    const pair = (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
    out += DIGITS[(pair >> (10 - (bit & 7))) & 63]!;
  }
  return out;
}

function readBytes(text: string, length: number): Uint8Array<ArrayBuffer> {
  if (text.length !== Math.ceil((length * 8) / 6)) throw new Damage("a picture's hash or a number is cut short");
  const bytes = new Uint8Array(length);
  for (let i = 0; i < text.length; i++) {
    const digit = DIGITS.indexOf(text[i]!);
    if (digit < 0) throw new Damage("a picture's hash or a number holds a wrong character");
    const bit = i * 6;
    const pair = digit << (10 - (bit & 7));
    bytes[bit >> 3]! |= pair >> 8;
    if ((bit >> 3) + 1 < length) bytes[(bit >> 3) + 1]! |= pair & 255;
  }
  return bytes;
}
