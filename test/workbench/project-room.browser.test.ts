/** The room Project in a real browser, on the zoo's model. Skipped, with a line, where there is no Chromium. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCheckpoint } from "../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { haveChromium, launchChromium } from "../support/chromium.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { ISOLATION, serveSite, type SiteServer } from "../support/site-server.js";
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
  let browser: Browser;
  let site: SiteServer;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    [browser, site] = await Promise.all([launchChromium(), serveSite(ISOLATION)]);
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: "reduce",
      serviceWorkers: "block",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    await page.goto(`${site.address}#project`);
    await page.getByRole("heading", { name: "Projected" }).waitFor({ timeout: LONG });
  }, LONG);

  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  const panel = (name: string): Locator => page.getByRole("region", { name, exact: true });
  const canvas = (): Locator => page.getByRole("application");
  const settled = async (): Promise<void> => {
    for (let calm = 0; calm < 2;) {
      await page.waitForTimeout(60);
      calm = (await page.locator("progress, [aria-busy=true]").count()) === 0 ? calm + 1 : 0;
    }
  };
  const copied = async (): Promise<string> => {
    await page.getByRole("button", { name: "Copy as command" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    return page.evaluate("navigator.clipboard.readText()");
  };
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
    await settled();
    const before = await panel("Projected").textContent();
    await drawLine();
    await page.getByText("drawn on").first().waitFor();
    await page.getByLabel("Damage it first").selectOption("mask");
    await page.getByText("from the picture before the damage").waitFor();
    await settled();
    expect(await panel("Projected").textContent()).not.toBe(before);
    expect(await copied()).toBe("vitrine project drawing.png --corrupt mask --model ign-glyphs --out projected.png");
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

  test("the page has complained of nothing", () => {
    expect(complaints).toEqual([]);
  });
});
