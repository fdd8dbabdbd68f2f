/** What is set in this room; kept while the page lives, and held by links. */
import { dotted, type LinkSettings, numberWithin, oneOf, unusual, wholeNumbers } from "../../state/link-settings.js";
import { notices } from "../../state/notices.svelte.js";
import type { Canvas } from "./editor.svelte.js";
import { type Beginning, readOrigin, writeOrigin } from "./origin.js";

export const DAMAGES = ["none", "noise", "blur", "mask", "sketch", "grey"] as const;
export type Damage = (typeof DAMAGES)[number];
/** Those of which there can be more or less, and those that are drawn at random. */
export const isGraded = (damage: Damage): boolean => ["noise", "blur", "mask"].includes(damage);
export const isRandom = (damage: Damage): boolean => ["noise", "mask"].includes(damage);
export const LEAST_STRENGTH = 0.05;
export const MOST_STRENGTH = 4;
/** Pictures of one channel are grey already. */
export const damagesOf = (channels: number): readonly Damage[] =>
  DAMAGES.filter((damage) => damage !== "grey" || channels > 1);

export const MODES = ["samples", "between", "sum"] as const;
export type Mode = (typeof MODES)[number];
export type Steps = "1" | "2" | "3";
export type Tool = "draw" | "erase";

/** Samples, and steps of a way. */
export const COUNTS: Readonly<Record<Mode, number>> = { samples: 16, between: 8, sum: 4 };
export const MOST_SEED = 2 ** 32 - 1;
export const MOST_NUMBER = 1_000_000;
const NUMBERS = [3, 8, 5] as const;

class Settings {
  tool = $state<Tool>("draw");
  /** Of the brush, as a share of the picture's side. */
  brush = $state(0.09);
  /** Brightness of the ink of grey pictures, from 0 to 1. */
  ink = $state(1);
  /** Ink of pictures in colour, as "#rrggbb". */
  colour = $state("#a0522d");

  damage = $state<Damage>("none");
  strength = $state(1);
  damageSeed = $state(0);

  mode = $state<Mode>("samples");
  seed = $state(0);
  steps = $state<Steps>("1");
  /** Numbers of samples, for ways and sums. */
  numbers = $state.raw<readonly [number, number, number]>(NUMBERS);
  /** Which of the pictures made is chosen. */
  chosen = $state<number | undefined>(undefined);

  /** What the next picture of the model's world is drawn from. */
  worldSeed = $state(0);
  /** What is on the canvas; told by the room. */
  canvas = $state.raw<Canvas | undefined>(undefined);
  /** What a link asked to begin with, until it is there. */
  wanted = $state.raw<Beginning | undefined>(undefined);
  /** What of that kind is opened next is to have dark and bright swapped. */
  wantsInverted: Beginning["kind"] | undefined;

  /** What is done to pictures of so many channels. */
  damageOf(channels: number): Damage {
    return damagesOf(channels).includes(this.damage) ? this.damage : "none";
  }

  write(): LinkSettings {
    const { canvas } = this;
    return unusual({
      from: [canvas && writeOrigin(canvas.origin)],
      inverted: [Number(canvas?.inverted ?? false), 0],
      drawn: [Number(canvas?.drawn === true || canvas?.origin.kind === "mixture"), 0],
      damage: [this.damage, "none"],
      strength: [this.strength, 1],
      dseed: [this.damageSeed, 0],
      mode: [this.mode, "samples"],
      seed: [this.seed, 0],
      steps: [this.steps, "1"],
      of: [dotted(this.numbers), dotted(NUMBERS)],
    });
  }

  read(link: LinkSettings): void {
    const seed = (text: string | undefined): number => Math.floor(numberWithin(text, 0, MOST_SEED) ?? 0);
    const [a, b, c] = wholeNumbers(link["of"], MOST_NUMBER);
    this.damage = oneOf(link["damage"], DAMAGES) ?? "none";
    this.strength = numberWithin(link["strength"], LEAST_STRENGTH, MOST_STRENGTH) ?? 1;
    this.damageSeed = seed(link["dseed"]);
    this.mode = oneOf(link["mode"], MODES) ?? "samples";
    this.seed = seed(link["seed"]);
    this.steps = oneOf(link["steps"], ["1", "2", "3"]) ?? "1";
    this.numbers = a !== undefined && b !== undefined && c !== undefined ? [a, b, c] : NUMBERS;
    this.chosen = undefined;
    this.wanted = readOrigin(link["from"]);
    this.wantsInverted = link["inverted"] === "1" ? this.wanted?.kind : undefined;
    if (link["drawn"] === "1") notices.show("project-drawn", DRAWN);
    else notices.clear("project-drawn");
  }
}

const DRAWN =
  "The picture of this link was drawn on, or mixed of samples: links do not hold that. What it began with is shown, where there is such a thing; for the rest, ask for its PNG.";

export const settings = new Settings();
