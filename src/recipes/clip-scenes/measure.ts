/** The figures of the card: on scenes that neither training nor validation saw. */
import { type Proportion, proportion } from "../../engine/tensor/proportion.js";
import type { Random } from "../../engine/tensor/random.js";
import { seeded } from "../../engine/train/seeds.js";
import { attributeClasses, predictions } from "../../methods/scene-classes.js";
import {
  type Attribute,
  ATTRIBUTES,
  sampleScene,
  type Scene,
  type SceneOptions,
  valueOf,
} from "../../worlds/scenes/index.js";
import { drawScene, TRAINING_SCENES } from "./curriculum.js";
import { attributeHits, type Encoders, retrievalHits } from "./evaluate.js";
import { SPURIOUS_RATE } from "./settings.js";

type ByAttribute = Readonly<Record<Attribute, Proportion>>;

export interface Retrieval {
  /** Whether a picture finds its caption, and a caption its picture, among {@link AMONG}. */
  readonly text: Proportion;
  readonly image: Proportion;
}

export interface GroupAccuracy {
  readonly shape: "fish" | "bird";
  readonly background: "sea" | "sky";
  /** Told right among all shapes, and between fish and bird. */
  readonly amongAll: Proportion;
  readonly betweenTwo: Proportion;
}

export interface Figures {
  readonly retrieval: Retrieval;
  /** Zero-shot accuracy on scenes of one object: as in training, clean ones of these, held-out combinations. */
  readonly test: ByAttribute;
  /** The best that one and the same answer gets on these scenes: the share of the most frequent value. */
  readonly constant: Readonly<Record<Attribute, number>>;
  readonly clean: ByAttribute;
  readonly heldOut: ByAttribute;
  /** Backgrounds and objects independent of one another. */
  readonly independent: ByAttribute;
  readonly groups: readonly GroupAccuracy[];
}

export const AMONG = 256;
const RETRIEVED = 8 * AMONG;
const SINGLES = 2000;
const A_GROUP = 500;

/** `scale` shrinks all sets, for a quick look. */
export async function measure(encoders: Encoders, seed: number, scale = 1): Promise<Figures> {
  const random = seeded(seed, "test");
  const scenes = draw(Math.ceil((scale * RETRIEVED) / AMONG) * AMONG, () => drawScene(random));
  const { text, image } = await retrievalHits(encoders, scenes, AMONG);
  const singles = (options: SceneOptions): Scene[] => draw(Math.ceil(scale * SINGLES), () => single(random, options));
  const tested = singles(TRAINING_SCENES);
  return {
    retrieval: { text: proportion(text), image: proportion(image) },
    test: await byAttribute(encoders, tested),
    constant: constantShares(tested),
    clean: await byAttribute(encoders, singles({ ...TRAINING_SCENES, styles: ["clean"] })),
    heldOut: await byAttribute(encoders, singles({ ...TRAINING_SCENES, combinations: "held-out" })),
    independent: await byAttribute(encoders, singles({ combinations: "seen" })),
    groups: await groupAccuracies(encoders, random, Math.ceil(scale * A_GROUP)),
  };
}

export interface SpuriousGap {
  /** Of pictures that stand before their own background as often as in training, else before the other's. */
  readonly average: number;
  readonly worst: number;
}

/** How far the worst group lies under the average: what the correlation of training costs. */
export function spuriousGap(groups: readonly GroupAccuracy[], among: "amongAll" | "betweenTwo"): SpuriousGap {
  const isOwn = ({ shape, background }: GroupAccuracy): boolean => (shape === "fish") === (background === "sea");
  const weights = groups.map((group) => (isOwn(group) ? SPURIOUS_RATE : 1 - SPURIOUS_RATE));
  const total = weights.reduce((a, b) => a + b, 0);
  return {
    average: groups.reduce((sum, group, i) => sum + weights[i]! * group[among].share, 0) / total,
    worst: Math.min(...groups.map((group) => group[among].share)),
  };
}

async function groupAccuracies(encoders: Encoders, random: Random, count: number): Promise<GroupAccuracy[]> {
  const classes = await attributeClasses(encoders.texts, "shape");
  const groups: GroupAccuracy[] = [];
  for (const shape of ["fish", "bird"] as const) {
    for (const background of ["sea", "sky"] as const) {
      const scenes = draw(count, () =>
        single(random, { shapes: [shape], backgrounds: [background], combinations: "seen" }),
      );
      const features = await encoders.images(scenes);
      const hits = (among?: readonly string[]): Proportion =>
        proportion(predictions(features, classes, among).map((told) => told === shape));
      groups.push({ shape, background, amongAll: hits(), betweenTwo: hits(["fish", "bird"]) });
    }
  }
  return groups;
}

function constantShares(scenes: readonly Scene[]): Record<Attribute, number> {
  const largest = (attribute: Attribute): number => {
    const counts = new Map<string, number>();
    for (const scene of scenes) {
      const value = valueOf(scene, attribute);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return Math.max(...counts.values()) / scenes.length;
  };
  const entries = ATTRIBUTES.map((attribute) => [attribute, largest(attribute)] as const);
  return Object.fromEntries(entries) as Record<Attribute, number>;
}

async function byAttribute(encoders: Encoders, scenes: readonly Scene[]): Promise<ByAttribute> {
  const features = await encoders.images(scenes);
  const entries: [Attribute, Proportion][] = [];
  for (const attribute of ATTRIBUTES) {
    entries.push([attribute, proportion(await attributeHits(encoders, scenes, features, attribute))]);
  }
  return Object.fromEntries(entries) as Record<Attribute, Proportion>;
}

function single(random: Random, options: SceneOptions): Scene {
  return sampleScene(random, { ...options, objects: [1, 1] });
}

function draw(count: number, one: () => Scene): Scene[] {
  return Array.from({ length: count }, one);
}
