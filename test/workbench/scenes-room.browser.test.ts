/** The rooms that show scenes, in a real browser, on the zoo's model. Skipped, with a line, where there is no Chromium. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveChromium } from "../support/chromium.js";
import { openRoom, type RoomPage } from "../support/room-page.js";

const WIDE = { width: 1280, height: 800 };

describe.skipIf(!haveChromium("the rooms Scenes and Segment"))("in the browser", () => {
  let room: RoomPage;
  let page: Page;

  beforeAll(async () => {
    room = await openRoom("#scenes");
    page = room.page;
  }, 60_000);

  afterAll(() => room.close());

  const open = async (name: string): Promise<void> => {
    await page.goto(`${room.address}?room=${name}#${name}`);
  };

  const ready = {
    scenes: () => page.getByRole("heading", { name: "Attributes" }).waitFor({ timeout: 60_000 }),
    segment: () => page.getByText("raw attention").last().waitFor({ timeout: 60_000 }),
  };

  test("an object is chosen, moved, doubled and removed by keys, and all of it undone", async () => {
    await page.setViewportSize(WIDE);
    await open("scenes");
    await ready.scenes();
    const across = page.getByRole("spinbutton", { name: "Across" });
    const objects = page.getByRole("list", { name: /Objects/ }).getByRole("listitem");
    const [before, count] = [Number(await across.inputValue()), await objects.count()];
    await page.getByRole("application").focus();
    await page.keyboard.press("Shift+ArrowLeft");
    expect(Number(await across.inputValue())).toBeCloseTo(before - 0.1, 6);
    await page.keyboard.press("d");
    expect(await objects.count()).toBe(count + 1);
    await page.keyboard.press("Delete");
    expect(await objects.count()).toBe(count);
    for (let i = 0; i < 3; i++) await page.keyboard.press("Control+z");
    expect(Number(await across.inputValue())).toBeCloseTo(before, 6);
    expect(await objects.count()).toBe(count);
  });

  test("scores follow an object that is dragged", async () => {
    const cosines = page.locator(".answers .panel").first().locator(".value");
    const first = await cosines.allTextContents();
    const box = (await page.getByRole("application").boundingBox())!;
    const at = (x: number, y: number): [number, number] => [box.x + x * box.width, box.y + y * box.height];
    await page.mouse.move(...at(0.69, 0.56));
    await page.mouse.down();
    const seen = new Set<string>();
    for (let i = 0; i < 12; i++) {
      await page.mouse.move(...at(0.69 - i * 0.04, 0.56));
      await page.waitForTimeout(120);
      seen.add((await cosines.allTextContents()).join(" "));
    }
    await page.mouse.up();
    // How often a second depends on who else uses the machine: bench it alone.
    expect(seen.size).toBeGreaterThan(3);
    expect(await cosines.allTextContents()).not.toEqual(first);
  });

  test("a mask shrinks as its threshold rises, and says how well it fits", async () => {
    await open("segment");
    await ready.segment();
    const summary = page.getByText(/^Covers .*IoU/);
    const share = async (): Promise<number> => Number(/Covers ([\d.]+)/.exec((await summary.textContent())!)![1]);
    const before = await share();
    await page.getByRole("spinbutton", { name: "Threshold" }).fill("0.9");
    await page.keyboard.press("Enter");
    const after = await share();
    expect(after).toBeLessThan(before);

    // The link holds it, and another page is told of it.
    await page.waitForURL(/r\.threshold=0\.9/);
    const link = page.url();
    await page.goto("about:blank");
    await page.goto(link);
    await ready.segment();
    expect(await share()).toBe(after);
    await page.getByRole("button", { name: "At its mean" }).click();
    expect(await share()).toBe(before);
  });

  test("a link holds the scene in the making, and nothing that cannot be", async () => {
    await open("scenes");
    await ready.scenes();
    const across = page.getByRole("spinbutton", { name: "Across" });
    await page.getByRole("application").focus();
    await page.keyboard.press("Shift+ArrowLeft");
    const [moved, before] = [await across.inputValue(), page.url()];
    await page.waitForURL((url) => url.href !== before && url.hash.includes("r.scene="));
    const link = page.url();
    await page.goto("about:blank");
    await page.goto(link);
    await ready.scenes();
    expect(await across.inputValue()).toBe(moved);
    await page.goto("about:blank");
    await page.goto(link.replace(/r\.scene=[^&]*/, "r.scene=sea"));
    await ready.scenes();
    expect(room.complaints).toEqual([]);
  });
});
