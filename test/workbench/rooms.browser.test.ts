/**
 * The rooms of the built workbench in a real browser: what axe finds, what they look like, that the keyboard is enough, and that their
 * numbers are those of the command line. Skipped, with a line, where there is no Chromium.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faults, haveChromium, launchChromium } from "../support/chromium.js";
import { ROOT } from "../support/paths.js";
import { settled } from "../support/room-page.js";
import { ISOLATION, serveSite, type SiteServer } from "../support/site-server.js";
import { vitrine } from "../support/vitrine.js";
import { lookAlike } from "./look-alike.js";

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };
const TEXTS = ["a mushroom", "a heart", "a fish"];
/** Each room with what stands there once it has something to show. */
const ROOMS = {
  start: "Look inside a visual model",
  heads: "Head L",
  neurons: "Neuron",
  search: "Nearest",
  segment: "Mask",
  edit: "Scores",
  compare: "Scores",
  scenes: "Scene",
  project: "Pictures of its own",
  // Last: it takes a model that describes pictures.
  captions: "Layer by layer",
} as const;
const LONG = 60_000;

describe.skipIf(!haveChromium("the workbench's rooms"))("rooms", () => {
  let browser: Browser;
  let site: SiteServer;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];
  const scripts = new Map<string, number>();

  beforeAll(async () => {
    [browser, site] = await Promise.all([launchChromium(), serveSite(ISOLATION)]);
    context = await browser.newContext({ viewport: WIDE, reducedMotion: "reduce", serviceWorkers: "block" });
    page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("response", (response) => {
      if (!response.url().endsWith(".js")) return;
      void response.body().then((body) => scripts.set(response.url(), gzipSync(body).length));
    });
    const texts = TEXTS.map((text) => `t=${text.replaceAll(" ", "+")}`).join("&");
    await page.goto(`${site.address}#start?v=1&${texts}&text=0`);
    await page.getByText(/clip-scenes [0-9a-f]{12}/).waitFor();
  }, LONG);

  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  test("what the first page loads is small", () => {
    const first = [...scripts].filter(([url]) => !/\/(ort|main)[-.]/.test(url));
    expect(first.length).toBeGreaterThan(0);
    expect(first.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThan(300 * 1024);
  });

  test("Heads says of a dropped picture what the command line says, to 1e-4", { timeout: LONG }, async () => {
    const file = join(ROOT, "examples/scene.png");
    await page.locator("input[type=file]").first().setInputFiles(file);
    await page.getByRole("button", { name: "scene.png, looked at" }).waitFor();
    await open(page, "heads");
    const download = page.waitForEvent("download");
    await page.getByRole("region", { name: "What each head adds" }).getByRole("button", { name: "Export" }).click();
    await page.getByRole("button", { name: /^JSON/ }).click();
    const exported = JSON.parse(await readFile(await (await download).path(), "utf8")) as Exported;
    const texts = TEXTS.flatMap((text) => ["--text", text]);
    const printed = JSON.parse((await vitrine(["decompose", file, ...texts, "--json"])).stdout) as Printed;
    const wanted = printed.images[0]!.heads.filter(({ text }) => text === TEXTS[0]);
    expect(wanted.length).toBeGreaterThan(2);
    for (const { layer, head, value } of wanted) {
      const found = exported.rows.find((row) => row.layer === layer && row.head === head);
      expect(Math.abs(found!.adds - value), `layer ${layer} head ${head}`).toBeLessThan(1e-4);
    }
  });

  test("the whole of Heads by keyboard", { timeout: LONG }, async () => {
    await open(page, "heads");
    await page.locator("body").press("Escape");
    const grid = page.getByRole("grid", { name: /Contribution of each head/ });
    await tabTo(page, grid);
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Head L1.H1" }).waitFor();
    await tabTo(page, page.getByRole("region", { name: "Scores" }).getByRole("button", { name: "Export" }));
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^JSON/ }).first().waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.getByRole("heading", { name: "Head L1.H2" }).waitFor();
    await page.keyboard.press("]");
    await page.getByRole("heading", { name: "Head L2.H2" }).waitFor();
  });

  test.each(Object.keys(ROOMS) as (keyof typeof ROOMS)[])(
    "%s: nothing for axe, and the look that is kept",
    { timeout: 3 * LONG },
    async (room) => {
      await open(page, room);
      for (const [colorScheme, viewport] of [
        ["light", WIDE],
        ["dark", WIDE],
        ["light", NARROW],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(viewport);
        await settled(page);
        expect(await faults(page), `${room}, ${colorScheme}`).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
        expect(
          await page.evaluate(
            `(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)(document.querySelector("main"))`,
          ),
        ).toBe(true);
        const name = `${room}-${colorScheme}-${viewport.width}`;
        // Asked again for a while: between two jobs of a room there is a moment in which nothing runs.
        await expect
          .poll(async () => lookAlike(name, await shot(page)), { timeout: 20_000, interval: 300, message: name })
          .toBeLessThan(0.02);
      }
      await page.setViewportSize(WIDE);
    },
  );

  test("the page has complained of nothing", () => {
    expect(complaints).toEqual([]);
  });
});

interface Exported {
  readonly rows: readonly { readonly layer: number; readonly head: number; readonly adds: number }[];
}

interface Printed {
  readonly images: readonly {
    readonly heads: readonly {
      readonly text: string;
      readonly layer: number;
      readonly head: number;
      readonly value: number;
    }[];
  }[];
}

async function open(page: Page, room: keyof typeof ROOMS): Promise<void> {
  // Not by its whole address: that follows what is chosen a moment later, and would bring the moment before back.
  await page.evaluate(`location.hash = "#${room}"`);
  const offered = page.getByRole("button", { name: "Open vlm-scenes" });
  if (room === "captions" && (await page.getByLabel("Model").inputValue()) !== "vlm-scenes") await offered.click();
  await page.getByRole("main").getByText(ROOMS[room]).first().waitFor({ timeout: LONG });
  await settled(page);
}

/** The page without what differs from run to run: times, in the provenance line. */
function shot(page: Page): Promise<Buffer> {
  return page.screenshot({ mask: [page.getByRole("contentinfo")], animations: "disabled", caret: "hide" });
}

async function tabTo(page: Page, target: ReturnType<Page["locator"]>): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press("Tab");
    if ((await target.and(page.locator(":focus, :focus-within, :has(:focus)")).count()) > 0) return;
  }
  throw new Error("the keyboard does not come there");
}
