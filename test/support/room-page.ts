/** A page of the built site in Chromium, for tests of a room. */
import { type Page } from "playwright-core";
import { launchChromium } from "./chromium.js";
import { ISOLATION, serveSite } from "./site-server.js";

export interface RoomPage {
  readonly page: Page;
  /** Where the site lies. */
  readonly address: string;
  /** What the page has complained of: errors in its console, and those that nobody caught. */
  readonly complaints: readonly string[];
  /** Until nothing is being computed any more, and nothing else begins. */
  settled(): Promise<void>;
  /** What "Copy as command" gives. */
  copied(): Promise<string>;
  close(): Promise<void>;
}

/** Opens `#hash` of the site, 1280 × 800, without motion and without service workers. */
export async function openRoom(hash: string): Promise<RoomPage> {
  const [browser, site] = await Promise.all([launchChromium(), serveSite(ISOLATION)]);
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    serviceWorkers: "block",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto(site.address + hash);
  return {
    page,
    address: site.address,
    complaints,
    settled: () => settled(page),
    async copied() {
      await page.getByRole("button", { name: "Copy as command" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      return page.evaluate("navigator.clipboard.readText()");
    },
    async close() {
      await browser.close();
      await site.close();
    },
  };
}

/** Until nothing is being computed on the page any more, and nothing else begins. */
export async function settled(page: Page): Promise<void> {
  const busy = page.locator("progress, [aria-busy=true]");
  for (let calm = 0; calm < 3;) {
    await page.waitForTimeout(80);
    calm = (await busy.count()) === 0 ? calm + 1 : 0;
  }
}
