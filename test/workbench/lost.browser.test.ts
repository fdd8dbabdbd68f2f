/**
 * What the workbench says and does when who computes for it is lost, when it is left in the middle, and when things come in another order
 * than usual, in a real browser. Skipped, with a line, where there is no Chromium.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dropFile, haveChromium, launchChromium } from "../support/chromium.js";
import { ROOT } from "../support/paths.js";
import { ISOLATION, serveSite, type SiteServer } from "../support/site-server.js";
import { vitrine } from "../support/vitrine.js";

const LONG = 60_000;
const HEADS = "#heads?v=1&t=a+mushroom&t=a+heart&text=0";

describe.skipIf(!haveChromium("that the workbench bears losses"))("the workbench", () => {
  let browser: Browser;
  let site: SiteServer;
  let context: BrowserContext;
  let page: Page;
  let picture: Buffer;

  beforeAll(async () => {
    [browser, site, picture] = await Promise.all([
      launchChromium(),
      serveSite(ISOLATION),
      readFile(join(ROOT, "examples/scene.png")),
    ]);
  }, LONG);
  afterAll(async () => {
    await browser.close();
    await site.close();
  });
  beforeEach(async () => {
    context = await browser.newContext({ serviceWorkers: "block" });
    page = await context.newPage();
  });
  afterEach(() => context.close());

  const decomposed = (on = page): Promise<void> =>
    on.getByRole("grid", { name: /Contribution of each head/ }).waitFor({ timeout: LONG });
  const startAgain = async (): Promise<void> => page.getByRole("button", { name: "Start again" }).click();
  const drop = (): Promise<void> => dropFile(page, "scene.png", picture);

  test("a worker that cannot be loaded is said, and started again on request", { timeout: LONG }, async () => {
    await page.route("**/assets/hear-*.js", (route) => route.abort());
    await page.goto(site.address + HEADS);
    await page.getByText("The model's worker has stopped.").waitFor();
    await page.unroute("**/assets/hear-*.js");
    await startAgain();
    await decomposed();
    expect(await page.getByText("has stopped").count()).toBe(0);
  });

  test("a worker that ends in the middle of its work loses nothing that was chosen", { timeout: LONG }, async () => {
    await page.goto(site.address + HEADS);
    await drop();
    await page.getByRole("progressbar").first().waitFor({ timeout: LONG });
    await page.workers()[0]!.evaluate("void setTimeout(() => { throw new Error('out of memory'); })");
    await page.getByText("out of memory").waitFor();
    expect(await page.getByRole("progressbar").count()).toBe(0);
    await startAgain();
    await page.getByRole("button", { name: "scene.png, looked at" }).waitFor();
    // Another text has the file asked about anew: the new worker has been given it.
    await addText("a tree");
    await page.getByRole("region", { name: "Scores" }).getByText("a tree").first().waitFor({ timeout: LONG });
  });

  test("a worker that ends without a word is noticed", { timeout: LONG }, async () => {
    await page.goto(site.address + HEADS);
    await decomposed();
    await page.workers()[0]!.evaluate("close()");
    await page.getByText("The model's worker has stopped.").waitFor();
    await startAgain();
    await addText("a tree");
    await page.getByRole("region", { name: "Scores" }).getByText("a tree").first().waitFor({ timeout: LONG });
  });

  test("a model that cannot be fetched is said once, and opened on request", { timeout: LONG }, async () => {
    await page.route("**/models/clip-scenes/**", (route) => route.abort());
    await page.goto(site.address + HEADS);
    await page.getByText("clip-scenes could not be opened").waitFor({ timeout: LONG });
    expect(
      await page
        .getByRole("alert")
        .getByRole("button", { name: /What to do about/ })
        .count(),
    ).toBe(1);
    await page.unroute("**/models/clip-scenes/**");
    await page.getByRole("button", { name: "Try again" }).click();
    await decomposed();
    expect(await page.getByText("cannot fetch").count()).toBe(0);
  });

  test("left in the middle, it goes on where it was; a second tab works beside it", { timeout: 2 * LONG }, async () => {
    await page.goto(site.address + HEADS);
    await page.getByRole("progressbar").first().waitFor({ timeout: LONG });
    await page.reload();
    await page.getByText("The page was left while it worked").waitFor();
    const other = await context.newPage();
    await other.goto(site.address + HEADS);
    await Promise.all([decomposed(), decomposed(other)]);
    expect(await other.getByText("open in another tab").count()).toBe(1);
    await other.close();
    await expect.poll(() => page.getByText("open in another tab").count()).toBe(0);
  });

  test(
    "a file goes before the sample that is still loading, and before one that waits for it",
    { timeout: LONG },
    async () => {
      const held = await hold("**/samples/index.json");
      await page.goto(`${site.address}#heads`);
      await page.locator("main").waitFor();
      await drop();
      await page.getByRole("button", { name: "scene.png, looked at" }).waitFor();
      held.release();
      await decomposed();
      expect(await pictures()).toEqual(["scene.png, looked at"]);

      await page.goto("about:blank");
      const [samples, worker] = [await hold("**/samples/index.json"), await hold("**/assets/hear-*.js")];
      const loaded = page.waitForResponse("**/samples/index.json");
      await page.goto(`${site.address}#heads`);
      await page.locator("main").waitFor();
      await drop();
      samples.release();
      await (await loaded).finished();
      worker.release();
      await decomposed();
      expect(await pictures()).toEqual(["scene.png, looked at"]);
    },
  );

  test("a server that is killed is said; started again, the page goes on", { timeout: LONG }, async () => {
    const first = await serve("0");
    await page.goto(first.address + HEADS);
    await page.locator("main").waitFor();
    await drop();
    await page.getByRole("button", { name: "scene.png, looked at" }).waitFor();
    await decomposed();
    await first.kill();
    await addText("a tree");
    await page.getByText("The server does not answer.").waitFor();
    await page.getByRole("button", { name: "scene.png, looked at" }).waitFor();
    await startAgain();
    await page.getByText("The server does not answer.").waitFor();
    const second = await serve(new URL(first.address).port);
    await startAgain();
    await page.getByRole("region", { name: "Scores" }).getByText("a tree").first().waitFor({ timeout: LONG });
    expect(await page.getByText("does not answer").count()).toBe(0);
    // The head's words are asked for last; a server that ends while they are found is lost again.
    await page.getByRole("progressbar").first().waitFor();
    await page.getByRole("progressbar").first().waitFor({ state: "detached", timeout: LONG });
    await second.kill();
    // Back before the page has asked for anything, it is handed the file again.
    const third = await serve(new URL(first.address).port);
    await addText("a fish");
    await page.getByRole("region", { name: "Scores" }).getByText("a fish").first().waitFor({ timeout: LONG });
    expect(await page.getByRole("button", { name: "Start again" }).count()).toBe(0);
    await third.kill();
  });

  async function addText(text: string): Promise<void> {
    await page.locator("#new-text").fill(text);
    await page.locator("#new-text").press("Enter");
  }

  const pictures = async (): Promise<string[]> => {
    const shown = page.getByRole("group", { name: "Pictures" }).locator("button[aria-pressed] img");
    return Promise.all((await shown.all()).map(async (one) => (await one.getAttribute("alt")) ?? ""));
  };

  /** Keeps an answer back until it is let go. */
  async function hold(address: string): Promise<{ readonly release: () => void }> {
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    await page.route(address, async (route) => {
      await released;
      await route.continue();
    });
    return { release };
  }
});

/** `vitrine serve` as a process, which can be killed. */
async function serve(port: string): Promise<{ readonly address: string; readonly kill: () => Promise<void> }> {
  let child!: ChildProcess;
  const ended = vitrine(["serve", "--port", port, "--json"], { onStart: (started) => (child = started) });
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  const { address } = JSON.parse(line) as { readonly address: string };
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  return { address, kill };
}
