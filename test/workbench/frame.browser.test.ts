/** The frame of the workbench, as built, in a real browser. Skipped, with a line, where there is no Chromium. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dropFile, faults, haveChromium, launchChromium } from "../support/chromium.js";
import { ROOT } from "../support/paths.js";
import { ISOLATION, serveSite, type SiteServer } from "../support/site-server.js";

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

describe.skipIf(!haveChromium("the workbench's frame"))("the frame", () => {
  let browser: Browser;
  let site: SiteServer;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    [browser, site] = await Promise.all([launchChromium(), serveSite(ISOLATION)]);
    context = await browser.newContext({ viewport: WIDE, reducedMotion: "reduce", serviceWorkers: "block" });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    page = await context.newPage();
    listen(page);
    await page.goto(site.address);
    await opened(page);
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await site.close();
  });

  function listen(to: Page): void {
    to.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    to.on("pageerror", (error) => complaints.push(error.message));
  }

  /** The model is open: its digest stands in the provenance line. */
  const opened = (on: Page): Promise<void> => on.getByText(/clip-scenes [0-9a-f]{12}/).waitFor();

  test.each([
    ["light", WIDE],
    ["dark", WIDE],
    ["light", NARROW],
    ["dark", NARROW],
  ] as const)("axe finds nothing in the %s theme, with dialogs and pictures open", async (colorScheme, size) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    await page.goto(`${site.address}#start`);
    expect(await faults(page)).toEqual([]);
    for (const open of ["Rooms and commands", "Keys", "Add and arrange pictures"]) {
      await page.getByRole("button", { name: open, exact: true }).click();
      await page.getByRole("dialog").waitFor();
      expect(await faults(page)).toEqual([]);
      await page.keyboard.press("Escape");
    }
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  });

  test("a file that is dropped is looked at, and its link explains itself elsewhere", async () => {
    await page.setViewportSize(WIDE);
    await page.goto(`${site.address}#start?v=1`);
    await dropFile(page, "scene.png", await readFile(join(ROOT, "examples/scene.png")));
    await page.getByRole("button", { name: "scene.png, looked at" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("a mushroom; a tree");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "a tree", exact: true }).waitFor();
    await page.waitForURL(/n=scene\.png.*t=a\+mushroom&t=a\+tree&text=1/);

    const other = await context.newPage();
    listen(other);
    await other.goto(page.url());
    const told = other.getByText(/This view shows scene\.png/);
    await told.waitFor();
    await dropFile(other, "renamed.png", await readFile(join(ROOT, "examples/scene.png")));
    await other.getByRole("button", { name: "renamed.png, looked at" }).waitFor();
    expect(await told.count()).toBe(0);
    expect(await other.getByText("open in another tab").count()).toBe(1);
    await other.close();
  });

  test("a scene's link restores it; the model's digest is compared", async () => {
    await page.goto(site.address);
    await page.getByRole("main").getByRole("button", { name: "fish" }).click();
    await page.waitForURL(/digest=[0-9a-f]{16}.*p=ssea\*clean/);
    const link = page.url();
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByRole("button", { name: "fish, looked at" }).waitFor();
    expect(await page.getByRole("button", { name: "an orange fish", exact: true }).getAttribute("aria-pressed")).toBe(
      "true",
    );
    await opened(page);
    expect(await page.getByText("other weights").count()).toBe(0);

    await page.goto("about:blank");
    await page.goto(link.replace(/digest=[0-9a-f]{16}/, "digest=0123456789abcdef"));
    await page.getByText("made with other weights of clip-scenes").waitFor();
    await page.goto("about:blank");
    await page.goto(`${site.address}#heads?v=99&lib=9.9.9`);
    await page.getByText("This link was made by Vitrine 9.9.9").waitFor();
  });

  test("keys act where nobody types, and can be changed", async () => {
    await page.goto("about:blank");
    await page.goto(`${site.address}#start?v=1&t=a+fish&t=a+bird&text=0&edits=h1.2o`);
    await opened(page);
    await page.getByText("The model is edited").waitFor();
    await page.keyboard.press("c");
    await page.getByRole("button", { name: "vs “a bird”", pressed: true }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.type("9.9");
    await page.getByText("has layers 0 to 3").waitFor();
    await page.getByRole("combobox", { name: /Number of a head/ }).fill("2.3");
    await page.keyboard.press("Enter");
    await page.keyboard.press("j");
    await page.waitForURL(/layer=2&head=4/);
    await page.locator("#new-text").fill("");
    await page.locator("#new-text").press("j");
    expect(await page.locator("#new-text").inputValue()).toBe("j");

    await page.locator("body").press("Control+k");
    await page.keyboard.type("dark theme");
    await page.keyboard.press("Enter");
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
    await page.getByRole("button", { name: "Restore all" }).click();
    expect(await page.getByText("The model is edited").count()).toBe(0);
    await page.getByRole("heading", { name: "Look inside a visual model" }).click();
    await page.keyboard.press("Control+z");
    await page.getByText("The model is edited").waitFor();
  });

  test("what is no picture is refused with a page about it", async () => {
    await page.goto("about:blank");
    await page.goto(site.address);
    await opened(page);
    await dropFile(page, "notes.png", Buffer.from("no picture at all"));
    await page
      .getByRole("alert")
      .getByRole("button", { name: /What to do about/ })
      .click();
    await page.getByRole("dialog").getByRole("heading", { name: "What to do" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Dismiss" }).first().click();
  });

  test("the page has complained of nothing", () => {
    expect(complaints).toEqual([]);
  });
});

describe.skipIf(!haveChromium("that the workbench opens without a network"))("on a plain host", () => {
  test("a second visit has threads, and needs no network", async () => {
    const site = await serveSite();
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(site.address);
      expect(await page.evaluate("crossOriginIsolated")).toBe(false);
      await page.getByText("Works without a network from now on").waitFor();
      await page.reload();
      expect(await page.evaluate("crossOriginIsolated")).toBe(true);
      await page.getByText(/clip-scenes [0-9a-f]{12}/).waitFor();

      await site.close();
      await page.reload();
      await page.getByText(/clip-scenes [0-9a-f]{12}/).waitFor();
      await page.getByRole("main").getByRole("button", { name: "fish" }).click();
      await page.getByRole("button", { name: "fish, looked at" }).waitFor();
    } finally {
      await browser.close();
      await site.close().catch(() => undefined);
    }
  });
});
