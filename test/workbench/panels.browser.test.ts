/** The panels in a real browser: what axe finds, and what the keyboard does. Skipped, with a line, where there is no Chromium. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Browser, Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AXE, haveChromium, launchChromium } from "../support/chromium.js";

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

describe.skipIf(!haveChromium("the workbench's panels"))("panels in a browser", () => {
  let folder: string;
  let server: PreviewServer | undefined;
  let browser: Browser | undefined;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "vitrine-panels-"));
    await build({
      configFile: false,
      logLevel: "error",
      root: fileURLToPath(new URL("gallery", import.meta.url)),
      base: "./",
      plugins: [svelte({ configFile: false })],
      build: { outDir: path.join(folder, "gallery"), target: "chrome123", minify: false },
    });
    server = await preview({
      configFile: false,
      root: folder,
      build: { outDir: "gallery" },
      preview: { host: "127.0.0.1", port: 0 },
    });
    browser = await launchChromium();
    // One page for all tests: opening it takes longer than they do. Axe is evaluated, since the page's content policy lets no script in.
    page = await browser.newPage({ viewport: WIDE, acceptDownloads: true, reducedMotion: "reduce" });
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(server.resolvedUrls!.local[0]!);
    await page.locator(".plot svg").waitFor();
    await page.evaluate(await readFile(AXE, "utf8"));
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true });
  });

  it.each(["light", "dark"] as const)(
    "have nothing that axe objects to in the %s theme, wide and narrow",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      for (const viewport of [NARROW, WIDE]) {
        await page.setViewportSize(viewport);
        expect(await page.evaluate(violations)).toEqual([]);
      }
    },
  );

  it("walk over a grid by keyboard, say where they are, and select", async () => {
    const grid = page.getByRole("grid", { name: "Contributions of heads" });
    const said = grid.locator("xpath=following-sibling::*[@role='status']");
    await page.getByRole("button", { name: "Export" }).first().focus();
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").getAttribute("aria-label")).toBe("Contributions of heads");
    // The cursor starts from the selected cell.
    expect(await said.textContent()).toMatch(/^layer 2, head 3: −0\.02/);
    const steps = [
      ["ArrowRight", "layer 2, head 4"],
      ["ArrowDown", "layer 3, head 4"],
      ["ArrowDown", "layer 3, head 4"],
      ["Home", "layer 3, head 0"],
      ["ArrowUp", "layer 2, head 0"],
      ["End", "layer 2, head 5"],
      ["Control+Home", "layer 0, head 0"],
      ["Control+End", "layer 3, head 5"],
    ] as const;
    for (const [key, place] of steps) {
      await page.keyboard.press(key);
      expect(await said.textContent()).toMatch(new RegExp(`^${place}: `));
    }
    const active = page.locator(`[id="${(await grid.getAttribute("aria-activedescendant"))!}"]`);
    expect(await active.getAttribute("aria-selected")).toBe("false");
    await page.keyboard.press("Enter");
    expect(await active.getAttribute("aria-selected")).toBe("true");
  });

  it("show the patch under the pointer in every map, and keep the one that is pinned", async () => {
    const maps = page.getByRole("group", { name: "Maps of twelve heads" });
    const first = maps.getByRole("grid").first();
    await first.scrollIntoViewIfNeeded();
    const box = (await first.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.95, box.y + box.height * 0.05);
    await expect.poll(() => maps.locator(".ring.hovered").count()).toBe(12);
    expect(await page.getByText("Patch in row 1, column 8;").count()).toBe(1);
    await page.mouse.click(box.x + box.width * 0.95, box.y + box.height * 0.05);
    await page.mouse.move(0, 0);
    expect(await page.getByText("Patch in row 1, column 8;").count()).toBe(1);
  });

  it("walk from map to map at the same patch", async () => {
    const grids = page.getByRole("group", { name: "Maps of twelve heads" }).getByRole("grid");
    await page.getByRole("button", { name: "layer 2, head 0" }).focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("PageDown");
    expect(await page.locator(":focus").getAttribute("aria-label")).toMatch(/^layer 2, head 1: /);
    const said = grids.nth(1).locator("xpath=following-sibling::*[@role='status']");
    expect(await said.textContent()).toMatch(/^layer 2, head 1, patch in row 1, column 2: /);
    // One stop for all maps.
    expect(
      await page.getByRole("group", { name: "Maps of twelve heads" }).locator('[role=grid][tabindex="0"]').count(),
    ).toBe(1);
  });

  it("sort tables and give figures away as files", async () => {
    const panel = page.getByRole("region", { name: "Heads", exact: true });
    await panel.getByRole("button", { name: "View as table" }).click();
    await panel.getByRole("button", { name: "contribution" }).click();
    expect(await panel.getByRole("columnheader", { name: "contribution" }).getAttribute("aria-sort")).toBe(
      "descending",
    );
    const column = (await panel.locator("tbody td:nth-child(3)").allTextContents()).map((text) =>
      Number(text.replace("−", "-")),
    );
    expect(column).toEqual([...column].sort((a, b) => b - a));
    for (const [choice, name] of [
      ["SVG, vectors", "heads-clip-scenes.svg"],
      ["PNG, at double size", "heads-clip-scenes.png"],
      ["CSV, the numbers", "heads-clip-scenes.csv"],
      ["JSON, the numbers", "heads-clip-scenes.json"],
    ] as const) {
      await panel.getByRole("button", { name: "Export" }).click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        panel.getByRole("button", { name: choice }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
      await download.saveAs(path.join(folder, name));
    }
  });

  it("move the cursor over 576 cells within a frame", async () => {
    expect(await page.evaluate("stepTime('Attention to the class token')")).toBeLessThan(16);
  });

  it("leave nothing in the console", () => {
    expect(complaints).toEqual([]);
  });
});

/** Runs in the page. */
async function violations(): Promise<string[]> {
  interface Found {
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  }
  const { axe } = globalThis as unknown as { axe: { run: (options: unknown) => Promise<Found> } };
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run({ runOnly: tags });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`),
  );
}
