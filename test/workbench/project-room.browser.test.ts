/** The room Project in a real browser, on the zoo's model. Skipped, with a line, where there is no Chromium. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCheckpoint } from "../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { dropFile, haveChromium } from "../support/chromium.js";
import { ROOT } from "../support/paths.js";
import { openRoom, type RoomPage } from "../support/room-page.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const LONG = 60_000;
const folder = scratchFolder();

interface Row {
  readonly row: number;
  readonly column: number;
  readonly y: number;
  readonly "f(y)": number;
  readonly "f(f(y))": number;
  readonly "|f(y) - y|": number;
}

describe.skipIf(!haveChromium("the room Project"))("in the browser", () => {
  let room: RoomPage;
  let page: Page;

  beforeAll(async () => {
    room = await openRoom("#project");
    page = room.page;
    await page.getByRole("heading", { name: "Projected" }).waitFor({ timeout: LONG });
  }, LONG);

  afterAll(() => room.close());

  const panel = (name: string): Locator => page.getByRole("region", { name, exact: true });
  const canvas = (): Locator => page.getByRole("application");
  const saved = async (press: () => Promise<void>): Promise<string> => {
    const download = page.waitForEvent("download");
    await press();
    const file = join(folder, (await download).suggestedFilename());
    await (await download).saveAs(file);
    return file;
  };
  const exported = async (name: string): Promise<readonly Row[]> => {
    const file = await saved(async () => {
      await panel(name).getByRole("button", { name: "Export" }).click();
      await panel(name).getByRole("button", { name: /^JSON/ }).click();
    });
    return (JSON.parse(await readFile(file, "utf8")) as { rows: readonly Row[] }).rows;
  };
  /** A line across the picture, by the mouse. */
  const drawLine = async (): Promise<void> => {
    const { x, y, width } = (await canvas().boundingBox())!;
    await page.mouse.move(x + 0.2 * width, y + 0.3 * width);
    await page.mouse.down();
    for (let i = 1; i <= 8; i++) await page.mouse.move(x + (0.2 + 0.07 * i) * width, y + (0.3 + 0.05 * i) * width);
    await page.mouse.up();
  };

  test("what is drawn and damaged is projected as the copied command does, to 1e-4", { timeout: LONG }, async () => {
    await room.settled();
    const before = await panel("Projected").textContent();
    await drawLine();
    await page.getByText("drawn on").first().waitFor();
    await page.getByLabel("Damage it first").selectOption("mask");
    await page.getByText("from the picture before the damage").waitFor();
    await room.settled();
    expect(await panel("Projected").textContent()).not.toBe(before);
    expect(await room.copied()).toBe(
      "vitrine project drawing.png --corrupt mask --model ign-glyphs --out projected.png",
    );
    const file = await saved(() => page.getByRole("button", { name: "Save PNG" }).click());
    const out = join(folder, "projected.safetensors");
    await vitrine(["project", file, "--corrupt", "mask", "--model", "ign-glyphs", "--out", out]);
    const tensors = await openCheckpoint(out);
    const rows = await exported("Projected");
    expect(rows).toHaveLength(28 * 28);
    for (const [column, name] of [
      ["y", "input"],
      ["f(y)", "projected.1"],
      ["f(f(y))", "projected.2"],
      ["|f(y) - y|", "drift"],
    ] as const) {
      const { data } = readStored(tensors.get(name));
      const most = rows.reduce((worst, row, i) => Math.max(worst, Math.abs(row[column] - data[i]!)), 0);
      expect(most, name).toBeLessThan(1e-4);
    }
  });

  test("undo and redo, blank, invert, and another glyph of the seed", { timeout: LONG }, async () => {
    const levels = (): Promise<string> => page.evaluate<string>(LEVELS);
    const inked = await levels();
    await page.keyboard.press("Control+z");
    await page.getByText("glyphs, seed 0. Draw").waitFor();
    const clean = await levels();
    expect(clean).not.toBe(inked);
    await page.keyboard.press("Control+Shift+z");
    expect(await levels()).toBe(inked);
    await page.getByRole("button", { name: "Another one" }).click();
    await page.getByText("glyphs, seed 0. Draw").waitFor();
    expect(await levels()).toBe(clean);
    await page.getByRole("button", { name: "Another one" }).click();
    await page.getByText("glyphs, seed 1. Draw").waitFor();
    expect(await levels()).not.toBe(clean);
    await page.getByRole("button", { name: "Blank" }).click();
    await page.getByRole("button", { name: "Invert" }).click();
    await page.getByText("It is mostly bright").waitFor();
    expect(new Set((await levels()).split(","))).toEqual(new Set(["255"]));
  });

  test("by keyboard: arrows move the brush, Space draws while it is held, X erases", { timeout: LONG }, async () => {
    await page.getByRole("button", { name: "Blank" }).click();
    await page.getByLabel("Size, pixels").last().fill("1");
    await page.getByLabel("Size, pixels").last().press("Tab");
    await canvas().focus();
    // From the middle, row 15 and column 15, to row 15, column 3.
    for (let i = 0; i < 3; i++) await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.down("Space");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
    await page.keyboard.up("Space");
    const ink = async (): Promise<number[]> => {
      const all = (await page.evaluate<string>(LEVELS)).split(",").map(Number);
      return all.flatMap((level, i) => (level === 255 ? [i] : []));
    };
    const line = [0, 1, 2, 3, 4, 5].map((i) => 14 * 28 + 2 + i);
    expect(await ink()).toEqual(line);
    await page.getByText("row 15, column 8, level 255").waitFor();
    await page.keyboard.press("x");
    await page.keyboard.press("Space");
    expect(await ink()).toEqual(line.slice(0, -1));
    await page.keyboard.press("x");
  });

  test("a dropped picture is fitted, with a notice, and its command names the file", { timeout: LONG }, async () => {
    await dropFile(page, "scene.png", await readFile(join(ROOT, "examples/scene.png")));
    await page.getByText("Of 256 × 256 pixels, it was resized to 28 × 28 and made grey.").waitFor();
    await page
      .getByText(/^f moves it by .*foreign to the model/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Invert" }).click();
    expect(await room.copied()).toBe(
      "vitrine project scene.png --invert --corrupt mask --model ign-glyphs --out projected.png",
    );
  });

  test(
    "samples, ways and sums are the command line's; one of them goes onto the canvas",
    { timeout: LONG },
    async () => {
      const own = panel("Pictures of its own");
      await own.getByLabel("Seed").fill("5");
      await own.getByLabel("Seed").press("Enter");
      await own.getByRole("radio", { name: "Sum of three" }).check();
      await page.getByText("Of the noise 3 − 8 + 5, seed 5. One more pass").waitFor();
      await own.getByRole("button", { name: "Copy as vitrine sample" }).click();
      await own.getByRole("button", { name: "Copied" }).waitFor();
      const command = String(await page.evaluate("navigator.clipboard.readText()"));
      expect(command).toBe("vitrine sample --arithmetic 3,8,5 --seed 5 --model ign-glyphs --out samples.png");
      const printed = await vitrine([...command.split(" ").slice(1, -2), "--json"]);
      const { drifts } = JSON.parse(printed.stdout) as { drifts: number[] };
      const tiles = own.getByRole("option");
      expect(await tiles.locator(".note").allTextContents()).toEqual(drifts.map((drift) => drift.toFixed(3)));
      await own.getByRole("radio", { name: "Samples" }).check();
      await page.getByText("Samples 0 to 15 of seed 5. One more pass").waitFor();
      await tiles.nth(2).click();
      await own.getByRole("button", { name: "Put the chosen one on the canvas" }).click();
      await page.getByText("sample 2 of seed 5. Draw").waitFor();
    },
  );

  test(
    "a link brings settings and picture back, and says that what was drawn is not in it",
    { timeout: LONG },
    async () => {
      await page.getByRole("button", { name: "Invert" }).click();
      await page.getByLabel("Damage it first").selectOption("blur");
      await page.getByLabel("Strength").last().fill("1.5");
      await page.getByLabel("Strength").last().press("Enter");
      await room.settled();
      const levels = await page.evaluate(LEVELS);
      const figures = await panel("Projected").locator("dd").first().textContent();
      await expect
        .poll(() => page.url())
        .toMatch(/r\.from=sample\.5\.2\.1&r\.inverted=1&r\.damage=blur&r\.strength=1\.5/);
      await page.reload();
      await page.getByText("sample 2 of seed 5, inverted. Draw").waitFor({ timeout: LONG });
      await room.settled();
      expect(await page.evaluate(LEVELS)).toBe(levels);
      expect(await panel("Projected").locator("dd").first().textContent()).toBe(figures);
      await drawLine();
      await expect.poll(() => page.url()).toContain("r.drawn=1");
      await page.reload();
      await page.getByText("The picture of this link was drawn on").waitFor();
      await page.getByText("sample 2 of seed 5, inverted. Draw").waitFor({ timeout: LONG });
    },
  );

  test("other rooms keep a model of their own, and a link without one is the room's", { timeout: LONG }, async () => {
    const model = page.getByLabel("Model");
    await page.evaluate("location.hash = '#scenes'");
    await page.getByText(/clip-scenes [0-9a-f]{12}/).waitFor({ timeout: LONG });
    await panel("Texts").waitFor({ timeout: LONG });
    expect(await model.inputValue()).toBe("clip-scenes");
    expect(await model.locator("option").allTextContents()).not.toContain("ign-glyphs");
    await page.evaluate("location.hash = '#project?v=1&r.damage=sketch'");
    await page.getByText(/ign-glyphs [0-9a-f]{12}/).waitFor({ timeout: LONG });
    expect(await model.locator("option").allTextContents()).not.toContain("clip-scenes");
    await page.getByRole("heading", { name: "Projected" }).waitFor();
    expect(await page.getByLabel("Damage it first").inputValue()).toBe("sketch");
    // The room that was left has asked nothing of the generator.
    expect((await page.getByRole("alert").allTextContents()).join("").trim()).toBe("");
  });

  test("the page has complained of nothing", () => {
    expect(room.complaints).toEqual([]);
  });
});

/** Brightness of each pixel of the canvas. */
const LEVELS = `(() => {
  const canvas = document.querySelector("[role=application] canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [...data].filter((_, i) => i % 4 === 0).join(",");
})()`;
