/** The room Captions in a real browser, on the zoo's model. Skipped, with a line, where there is no Chromium. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveChromium } from "../support/chromium.js";
import { ROOT } from "../support/paths.js";
import { openRoom, type RoomPage } from "../support/room-page.js";
import { vitrine } from "../support/vitrine.js";

const LONG = 60_000;

interface Printed {
  readonly caption: string;
  readonly after: string;
  readonly objects: readonly { readonly start: number; readonly end: number; readonly confidence: number }[];
}

describe.skipIf(!haveChromium("the room Captions"))("in the browser", () => {
  let room: RoomPage;
  let page: Page;

  beforeAll(async () => {
    room = await openRoom("#captions?v=1&t=a+tree&text=0");
    page = room.page;
  }, LONG);

  afterAll(() => room.close());

  const words = () => page.locator("p.caption button");

  test("offers a model that describes pictures", { timeout: LONG }, async () => {
    await page.locator("input[type=file]").first().setInputFiles(join(ROOT, "examples/scene.png"));
    await page.getByRole("button", { name: "scene.png, looked at" }).waitFor();
    await page.getByRole("button", { name: "Open vlm-scenes" }).click();
    await page.getByRole("heading", { name: "Layer by layer" }).waitFor({ timeout: LONG });
  });

  test("says what the command that it copies says, also with a word erased", { timeout: 2 * LONG }, async () => {
    const word = words().first();
    await word.click();
    const after = page.locator(".after .text");
    await after.waitFor();
    const command = await room.copied();
    expect(command).toMatch(
      /^vitrine caption scene\.png --confidence tree --erase \w+ --model vlm-scenes --out caption$/,
    );
    const erased = /--erase (\w+)/.exec(command)![1]!;
    const asked = ["caption", join(ROOT, "examples/scene.png"), "--erase", erased, "--model", "vlm-scenes", "--json"];
    const printed = JSON.parse((await vitrine(asked)).stdout) as Printed;
    expect(await page.evaluate(WITHOUT_GONE)).toBe(printed.after);
    const rounded = (part: number): string => (part < 0.0995 ? (100 * part).toFixed(1) : (100 * part).toFixed(0));
    const own = printed.objects;
    expect(await words().locator(".word").allTextContents()).toEqual(
      own.map(({ start, end }) => printed.caption.slice(start, end)),
    );
    const figures = await words().locator(".figure").allTextContents();
    expect(figures.map((figure) => figure.replace("?", ""))).toEqual(
      own.map(({ confidence }) => `${rounded(confidence)} %`),
    );
    await word.click();
    await page.getByText("Nothing is erased.").waitFor();
  });

  test("a link brings back what is set and what is erased", { timeout: LONG }, async () => {
    await words().last().click();
    await page.getByRole("spinbutton", { name: "Alpha" }).fill("3");
    await page.getByRole("spinbutton", { name: "Alpha" }).press("Enter");
    await expect.poll(() => page.url()).toMatch(/r\.alpha=3&r\.erased=\w+/);
    await page.reload();
    // Files are not in links.
    await page.locator("input[type=file]").first().setInputFiles(join(ROOT, "examples/scene.png"));
    await page.getByRole("heading", { name: /^Without / }).waitFor({ timeout: LONG });
    expect(await words().last().getAttribute("aria-pressed")).toBe("true");
    expect(await page.getByRole("spinbutton", { name: "Alpha" }).inputValue()).toBe("3");
    await page.getByRole("button", { name: "The model's own settings" }).click();
    await words().last().click();
    await page.getByText("Nothing is erased.").waitFor();
  });

  test("words, layers and patches by keyboard", { timeout: LONG }, async () => {
    const last = words().last();
    const name = await last.locator(".word").textContent();
    await last.focus();
    await page.getByRole("heading", { name: `Where “${name!}” is` }).waitFor();
    await page.keyboard.press("[");
    await page.getByText("in the stream after block 2").waitFor();
    const lens = page.getByRole("grid", { name: /Likeliest words of 8 × 8 patches, block 2/ });
    await lens.focus();
    await page.keyboard.press("Control+Home");
    await page.getByText("The patch in row 1, column 1").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.getByText("The patch in row 2, column 1").waitFor();
  });

  test("other rooms look into its vision tower, and copy commands of that", { timeout: LONG }, async () => {
    await page.evaluate("location.hash = '#segment'");
    await page.getByRole("heading", { name: "“a tree”" }).waitFor({ timeout: LONG });
    expect(await room.copied()).toContain("--model clip-scenes");
  });

  test("the page has complained of nothing", () => {
    expect(room.complaints).toEqual([]);
  });
});

/** A text as it reads now: without what is struck out. */
const WITHOUT_GONE = `(() => {
  const copy = document.querySelector(".after .text").cloneNode(true);
  for (const gone of copy.querySelectorAll("del")) gone.remove();
  return copy.textContent.replace(/\\s+/g, " ").trim();
})()`;
