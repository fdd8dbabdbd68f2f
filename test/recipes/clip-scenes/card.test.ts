import { expect, test } from "vitest";
import { type Proportion, proportion } from "../../../src/engine/tensor/proportion.js";
import { type Card, cardPage } from "../../../src/recipes/clip-scenes/card.js";
import type { Figures } from "../../../src/recipes/clip-scenes/measure.js";
import { recipeOf, SETTINGS } from "../../../src/recipes/clip-scenes/settings.js";
import { ATTRIBUTES } from "../../../src/worlds/scenes/index.js";

/** Figures no two of which are the same: each is one hit more than the one before. */
let hits = 100;
function next(): Proportion {
  const right = hits++;
  return proportion(Array.from({ length: 1000 }, (_, i) => i < right));
}

function figures(): Figures {
  const table = (): Figures["test"] =>
    Object.fromEntries(ATTRIBUTES.map((attribute) => [attribute, next()])) as unknown as Figures["test"];
  const group = (shape: "fish" | "bird", background: "sea" | "sky"): Figures["groups"][number] => ({
    shape,
    background,
    amongAll: next(),
    betweenTwo: next(),
  });
  return {
    retrieval: { text: next(), image: next() },
    test: table(),
    constant: Object.fromEntries(
      ATTRIBUTES.map((attribute) => [attribute, next().share]),
    ) as unknown as Figures["constant"],
    clean: table(),
    heldOut: table(),
    independent: table(),
    groups: [group("fish", "sea"), group("fish", "sky"), group("bird", "sea"), group("bird", "sky")],
  };
}

const card: Card = {
  name: "clip-scenes",
  version: "9.8.7",
  recipe: recipeOf({ ...SETTINGS, seed: 41, steps: 1234 }),
  steps: 1234,
  seconds: 4210,
  parameters: 3_456_789,
  figures: figures(),
  untrained: figures(),
};
const page = cardPage(card);

/** Cells of the row that begins with this text, in the table under a heading. */
function cells(heading: string, row: string): string[] {
  const section = page.slice(page.indexOf(`## ${heading}`)).split("\n## ")[0]!;
  const line = section.split("\n").find((text) => text.startsWith(`| ${row} |`));
  return line!
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim());
}

const points = (value: number): string => `${(100 * value).toFixed(1)}%`;
const shown = ({ share, low, high }: Proportion): string =>
  `${points(share)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;

test("says how the model was made", () => {
  expect(page).toContain("3.46 M parameters");
  expect(page).toContain(`seed 41, 1234 steps of ${SETTINGS.batch} pictures`);
  expect(page).toContain("70 minutes");
});

test("shows retrieval, beside the untrained model and chance", () => {
  const [own, other] = [card.figures.retrieval, card.untrained.retrieval];
  expect(cells("Retrieval", "picture finds caption")).toEqual([shown(own.text), shown(other.text), "0.4%"]);
  expect(cells("Retrieval", "caption finds picture")).toEqual([shown(own.image), shown(other.image), "0.4%"]);
  expect(shown(own.text)).toMatch(/^10\.0% \(8\.\d–12\.\d\)$/);
});

test.each(ATTRIBUTES)("shows the accuracy for %s in every column", (attribute) => {
  const { test, clean, heldOut, independent } = card.figures;
  const own = [test, clean, heldOut, independent, card.untrained.test].map((table) => shown(table[attribute]));
  expect(cells("Zero-shot accuracy", attribute).slice(0, -1)).toEqual(own);
});

test("says which aims are reached", () => {
  const aims = { colour: 0.95, shape: 0.95, background: 0.95, texture: 0.85 };
  const line = page.split("\n").find((text) => text.startsWith("Aims"))!;
  // The figures here are from 10% to 20%.
  expect(line).toBe(
    "Aims, on pictures as in training: colour 95.0%, shape 95.0%, background 95.0%, texture 85.0%. Not reached: colour, shape, background, texture.",
  );
  const reached = { ...card.figures.test };
  for (const [name, share] of Object.entries(aims)) reached[name as keyof typeof aims] = { ...next(), share };
  const met = cardPage({ ...card, figures: { ...card.figures, test: reached } });
  expect(met).toContain("texture 85.0%. All are reached.");
});

test("shows what one answer gets", () => {
  const shares = ATTRIBUTES.map((attribute) => cells("Zero-shot accuracy", attribute).at(-1));
  expect(shares).toEqual(ATTRIBUTES.map((attribute) => points(card.figures.constant[attribute])));
  expect(new Set(shares).size).toBe(ATTRIBUTES.length);
});

test("shows the groups, their average, the worst, and the gap", () => {
  const heading = "What the correlation in training costs";
  for (const { shape, background, amongAll, betweenTwo } of card.figures.groups)
    expect(cells(heading, `${shape}, ${background}`)).toEqual([shown(amongAll), shown(betweenTwo)]);
  const columns = (["amongAll", "betweenTwo"] as const).map((among) => {
    const [fishSea, fishSky, birdSea, birdSky] = card.figures.groups.map((group) => group[among].share);
    const average = 0.45 * (fishSea! + birdSky!) + 0.05 * (fishSky! + birdSea!);
    return { average, worst: Math.min(fishSea!, fishSky!, birdSea!, birdSky!) };
  });
  expect(cells(heading, "average, own background 90.0% of the time")).toEqual(
    columns.map(({ average }) => points(average)),
  );
  expect(cells(heading, "worst group")).toEqual(columns.map(({ worst }) => points(worst)));
  expect(cells(heading, "**gap**")).toEqual(columns.map(({ average, worst }) => `**${points(average - worst)}**`));
});

test("is plain data: the card read back from JSON gives the same page", () => {
  const again = JSON.parse(JSON.stringify(card)) as Card;
  expect(again).toEqual(card);
  expect(cardPage(again)).toBe(page);
});

test("has no hole", () => {
  expect(page).not.toMatch(/undefined|NaN|null|\[object/);
});
