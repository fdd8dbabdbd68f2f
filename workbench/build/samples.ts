/** `samples/`: pictures to begin with, drawn by the world of scenes when the site is built. */
import type { Plugin } from "vite";
import type * as Library from "../../dist/index.js";
import type * as Scenes from "../../dist/worlds/scenes/index.js";
import { type SiteFile, siteFiles } from "./site-files.js";

type Wish = Parameters<typeof Scenes.composeScene>[1];

interface Sample extends Wish {
  readonly name: string;
  /** Pixels on each side. */
  readonly side: number;
  /** What to ask about it: the first is true of it. */
  readonly texts: readonly string[];
}

const SAMPLES: readonly Sample[] = [
  {
    name: "heart-and-boat",
    side: 256,
    objects: [
      { shape: "heart", colour: "red", size: "large", position: "left", texture: "solid" },
      { shape: "boat", colour: "blue", size: "medium", position: "right", texture: "striped" },
    ],
    background: "sea",
    style: "clean",
    texts: ["a red heart", "a blue boat", "the sea"],
  },
  {
    name: "mushrooms",
    side: 256,
    objects: [
      { shape: "mushroom", colour: "red", size: "large", position: "bottom left", texture: "dotted" },
      { shape: "mushroom", colour: "orange", size: "medium", position: "right", texture: "solid" },
      { shape: "tree", colour: "green", size: "medium", position: "top", texture: "solid" },
    ],
    background: "grass",
    style: "clean",
    texts: ["a mushroom", "a tree", "a fish"],
  },
  {
    name: "night-bird",
    side: 256,
    objects: [{ shape: "bird", colour: "yellow", size: "large", position: "centre", texture: "solid" }],
    background: "night",
    style: "clean",
    texts: ["a yellow bird", "a star", "at night"],
  },
  {
    name: "fish",
    side: 128,
    objects: [
      { shape: "fish", colour: "orange", size: "medium", position: "top left", texture: "striped" },
      { shape: "fish", colour: "purple", size: "large", position: "bottom right", texture: "dotted" },
    ],
    background: "sea",
    style: "clean",
    texts: ["an orange fish", "a purple fish", "a bird"],
  },
  {
    name: "house-sketch",
    side: 192,
    objects: [
      { shape: "house", colour: "brown", size: "large", position: "right", texture: "checkered" },
      { shape: "flower", colour: "pink", size: "medium", position: "left", texture: "solid" },
    ],
    background: "plain",
    style: "sketch",
    texts: ["a house", "a pink flower", "a sketch"],
  },
  {
    name: "ring-and-star",
    side: 128,
    objects: [
      { shape: "star", colour: "yellow", size: "medium", position: "top right", texture: "solid" },
      { shape: "ring", colour: "green", size: "large", position: "left", texture: "solid" },
    ],
    background: "brick",
    style: "clean",
    texts: ["a star", "a ring", "a brick wall"],
  },
];

// The library as it is built, not bundled into this configuration.
const built = (file: string): string => new URL(`../../dist/${file}`, import.meta.url).href;

export function samples(): Plugin {
  return siteFiles("samples", async () => {
    const { encodePng } = (await import(built("index.js"))) as typeof Library;
    const { composeScene, Random, renderScene } = (await import(built("worlds/scenes/index.js"))) as typeof Scenes;
    const out: SiteFile[] = [];
    const index = [];
    for (const [seed, { name, side, texts, ...wish }] of SAMPLES.entries()) {
      const scene = composeScene(new Random(seed), wish);
      const bytes = await encodePng(renderScene(scene, side));
      const file = `${name}.png`;
      out.push({ path: `samples/${file}`, bytes });
      index.push({ name, file, width: side, height: side, size: bytes.length, texts, scene });
    }
    return [...out, { path: "samples/index.json", bytes: JSON.stringify(index) }];
  });
}
