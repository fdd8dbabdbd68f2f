/** Draws faces at random. */
import type { Random } from "../../engine/tensor/random.js";
import { seeded } from "../../engine/train/seeds.js";
import { bell } from "../bell.js";
import type { Face, FaceIdentity, FacePhoto, FaceProportions } from "./face.js";
import {
  BACKDROPS,
  BEARDS,
  BROW_SHAPES,
  EYE_COLOURS,
  EYE_SHAPES,
  GLASSES,
  HAIR_COLOURS,
  HAIR_LENGTHS,
  HAIR_STYLES,
  HATS,
  HEAD_SHAPES,
  MOUTH_SHAPES,
  NOSE_SHAPES,
  SKIN_TONES,
} from "./vocabulary.js";

/** Face number `index` of the seed, each of somebody else; the same whatever others are drawn. */
export function faceAt(seed: number, index: number): Face {
  return sampleFace(seeded(seed, "face", index));
}

/** Person number `index` of the seed; the same whatever others are drawn. */
export function identityAt(seed: number, index: number): FaceIdentity {
  return sampleIdentity(seeded(seed, "identity", index));
}

/** A picture of a person; another `number`, another picture: pose, light, expression, backdrop and clothes. */
export function photographOf(identity: FaceIdentity, number: number): Face {
  return { identity, photo: samplePhoto(seeded(number, "photo")) };
}

export function sampleFace(random: Random): Face {
  return { identity: sampleIdentity(random), photo: samplePhoto(random) };
}

/** Every attribute is drawn by itself: none tells of another. */
export function sampleIdentity(random: Random): FaceIdentity {
  return {
    skin: pick(random, SKIN_TONES),
    head: pick(random, HEAD_SHAPES),
    hairColour: weighted(random, HAIR_COLOURS, [4, 4, 3, 3, 4, 2, 1.5, 1, 1]),
    hairLength: weighted(random, HAIR_LENGTHS, [1, 4, 4, 4]),
    hairStyle: pick(random, HAIR_STYLES),
    eyeColour: pick(random, EYE_COLOURS),
    eyeShape: pick(random, EYE_SHAPES),
    brows: pick(random, BROW_SHAPES),
    nose: pick(random, NOSE_SHAPES),
    mouth: pick(random, MOUTH_SHAPES),
    beard: weighted(random, BEARDS, [10, 2, 2, 2, 3]),
    glasses: weighted(random, GLASSES, [9, 2, 2, 1.5]),
    hat: weighted(random, HATS, [10, 1.5, 1.5, 1.5]),
    proportions: sampleProportions(random),
    seed: random.below(2 ** 32),
  };
}

function sampleProportions(random: Random): FaceProportions {
  const any = (): number => clamped(0.45 * bell(random), 1);
  return {
    shade: any(),
    headWidth: any(),
    jaw: any(),
    chin: any(),
    eyeSpacing: any(),
    eyeSize: any(),
    eyeTilt: any(),
    browHeight: any(),
    browTilt: any(),
    noseLength: any(),
    noseWidth: any(),
    mouthWidth: any(),
    mouthHeight: any(),
    lipColour: any(),
    ears: any(),
    hairVolume: any(),
    hairShade: any(),
    freckles: Math.max(-1, 2.4 * random.uniform() - 1.6),
    blush: any(),
    hatColour: 2 * random.uniform() - 1,
    frameColour: 2 * random.uniform() - 1,
  };
}

/** How a picture is taken. */
export function samplePhoto(random: Random): FacePhoto {
  return {
    yaw: clamped(0.22 * bell(random), 0.55),
    pitch: clamped(0.1 * bell(random), 0.25),
    roll: clamped(0.08 * bell(random), 0.25),
    scale: 0.6 + clamped(0.025 * bell(random), 0.06),
    x: clamped(0.02 * bell(random), 0.05),
    y: 0.01 + clamped(0.015 * bell(random), 0.04),
    lightX: 2 * random.uniform() - 1,
    lightY: 0.1 + 0.8 * random.uniform(),
    contrast: 0.25 + 0.6 * random.uniform(),
    warmth: clamped(0.45 * bell(random), 1),
    exposure: 1 + clamped(0.07 * bell(random), 0.2),
    smile: clamped(0.42 + 0.4 * bell(random), 1),
    mouthOpen: Math.max(0, 1.6 * random.uniform() - 0.9),
    eyesOpen: clamped(0.88 + 0.12 * bell(random), 1),
    gazeX: clamped(0.35 * bell(random), 1),
    gazeY: clamped(0.2 * bell(random), 1),
    browLift: clamped(0.4 * bell(random), 1),
    backdrop: pick(random, BACKDROPS),
    seed: random.below(2 ** 32),
  };
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)]!;
}

function weighted<T>(random: Random, values: readonly T[], weights: readonly number[]): T {
  let left = random.uniform() * weights.reduce((a, b) => a + b);
  return values[weights.findIndex((weight) => (left -= weight) < 0)] ?? values[0]!;
}

function clamped(value: number, most: number): number {
  return value < -most ? -most : value > most ? most : value;
}
