/**
 * That a page on WebGPU says what the command line says, in a real browser whose GPU is imitated on the CPU. Skipped, with a line, where
 * there is no Chromium.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dropFile, haveChromium, IMITATED_GPU, launchChromium } from "../support/chromium.js";
import { ROOT } from "../support/paths.js";
import { ISOLATION, serveSite, type SiteServer } from "../support/site-server.js";
import { vitrine } from "../support/vitrine.js";

const PICTURE = join(ROOT, "examples/scene.png");
const LONG = 120_000;

interface HeadRow {
  readonly layer: number;
  readonly head: number;
  readonly value: number;
}

describe.skipIf(!haveChromium("that WebGPU gives the same numbers"))("a page on WebGPU", () => {
  let browser: Browser;
  let site: SiteServer;

  beforeAll(async () => {
    [browser, site] = await Promise.all([launchChromium(...IMITATED_GPU), serveSite(ISOLATION)]);
  }, LONG);
  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  test("takes a picture apart as the command line does, to 1e-4", { timeout: LONG }, async () => {
    const context = await browser.newContext({ serviceWorkers: "block" });
    const page = await context.newPage();
    await page.goto(`${site.address}?device=webgpu#heads?v=1&t=a+mushroom&text=0`);
    await page.locator("main").waitFor();
    await dropFile(page, "scene.png", await readFile(PICTURE));
    const panel = page.getByRole("region", { name: "What each head adds" });
    await panel.getByRole("button", { name: "Export" }).click({ timeout: LONG });
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: /^JSON/ }).click();
    const { rows } = JSON.parse(await readFile(await (await download).path(), "utf8")) as {
      readonly rows: readonly (Omit<HeadRow, "value"> & { readonly adds: number })[];
    };
    expect(await page.getByRole("contentinfo").textContent()).toContain("WebGPU");

    const printed = await vitrine(["decompose", PICTURE, "--text", "a mushroom", "--json"]);
    const { images } = JSON.parse(printed.stdout) as {
      readonly images: readonly { readonly heads: readonly HeadRow[] }[];
    };
    const heads = images[0]!.heads;
    expect(heads.length).toBeGreaterThan(2);
    for (const { layer, head, value } of heads) {
      const found = rows.find((row) => row.layer === layer && row.head === head);
      expect(Math.abs(found!.adds - value), `layer ${layer} head ${head}`).toBeLessThan(1e-4);
    }
  });
});
