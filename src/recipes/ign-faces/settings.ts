/** All that decides what `zoo/ign-faces` becomes. */
import { floatTensor } from "../../engine/tensor/tensor.js";
import type { JudgedWorld } from "../../methods/idempotent/judge.js";
import { SPREAD } from "../../methods/idempotent/objective.js";
import { FACE_ATTRIBUTES, type FaceAttribute, faceRows } from "../../worlds/faces/index.js";
import { type GeneratorSettings, SETTLING } from "../idempotent/settings.js";

const SIZE = 64;
/** Faces of the training set: drawing one takes a third of what learning from it takes. */
export const FACE_COUNT = 12_000;

export const SETTINGS: GeneratorSettings = {
  recipe: "ign-faces",
  architecture: { size: SIZE, channels: 3, width: 24 },
  objective: SPREAD,
  noise: "gaussian",
  seed: 0,
  steps: 4500,
  settling: 0.4,
  batch: 32,
  rate: 2e-3,
  settlingRate: 2e-3,
  matrixRate: 3,
  settlingWeights: SETTLING,
  deviation: 0.3,
  betas: [0.5, 0.999],
  average: 0.995,
};

/** What the judge is asked, and how the card calls it. */
export const QUESTIONS = {
  hairColour: "hair colours",
  skin: "skin tones",
  hat: "hats",
  glasses: "glasses",
  beard: "beards",
} satisfies Partial<Record<FaceAttribute, string>>;

const ASKED = Object.keys(QUESTIONS) as (keyof typeof QUESTIONS)[];

export const FACES: JudgedWorld = {
  shape: [3, SIZE, SIZE],
  questions: ASKED.map((attribute) => FACE_ATTRIBUTES[attribute].length),
  rows(seed, first, count) {
    const { pixels, attributes } = faceRows({ seed, first, count, size: SIZE });
    return {
      pixels: floatTensor(pixels, [count, 3, SIZE, SIZE]),
      labels: ASKED.map((attribute) => attributes[attribute]),
    };
  },
};
