/**
 * What the workbench costs in Chromium, on the built site (`npm run build:site` first): `npm run bench:workbench`.
 *
 * @file Prints one JSON object; times are in milliseconds. First visits have nothing kept; second visits have what the first left behind.
 * Hovering is from the pointer's event to the frame that shows it. Long tasks are those of the main thread, as the browser reports them.
 */
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { preview } from "vite";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PICTURE = join(ROOT, "examples/scene.png");
const TEXTS = "t=a+mushroom&t=a+heart&t=a+fish&text=0";
const ROUNDS = Number(process.argv[2] ?? 3);

// As `npm run preview` serves it, isolated from other pages.
const server = await preview({
  configFile: join(ROOT, "workbench/vite.config.ts"),
  logLevel: "error",
  preview: { host: "127.0.0.1", port: 0 },
});
const address = server.resolvedUrls.local[0];
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const figures = { processors: cpus().length, chromium: browser.version(), rounds: ROUNDS };
const [cold, warm, longest] = [[], [], []];
try {
  let page;
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const first = await visit(context);
    cold.push(first.milliseconds);
    longest.push(await longestTask(first.page));
    await first.page.close();
    const second = await visit(context);
    warm.push(second.milliseconds);
    page = second.page;
    longest.push(await longestTask(page));
    if (round < ROUNDS - 1) await context.close();
  }
  figures.first_visit_ms = median(cold);
  figures.second_visit_ms = median(warm);
  figures.longest_main_thread_task_ms = Math.max(...longest);
  figures.hover_ms = await hover(page);
  Object.assign(figures, await drag(page));
  figures.longest_main_thread_task_ms_of_use = await longestTask(page);
} finally {
  await browser.close();
  await server.close();
}
process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);

function longestTask(page) {
  return page.evaluate("Math.round(Math.max(0, ...globalThis.longTasks))");
}

/** From asking for the page to the decomposition of a picture that is dropped as soon as the page takes one. */
async function visit(context) {
  const page = await context.newPage();
  await page.addInitScript(`globalThis.longTasks = [];
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask", buffered: true });`);
  const bytes = (await readFile(PICTURE)).toString("base64");
  const started = performance.now();
  await page.goto(`${address}#heads?v=1&${TEXTS}`, { waitUntil: "commit" });
  await page.waitForSelector("main");
  await page.evaluate(`{
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob("${bytes}"), (c) => c.charCodeAt(0))], "scene.png", { type: "image/png" }));
    for (const type of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  }`);
  await page.getByRole("grid", { name: /Contribution of each head/ }).waitFor({ timeout: 60_000 });
  return { page, milliseconds: Math.round(performance.now() - started) };
}

/** From a pointer over a patch to the frame in which its value stands beside the map: median and worst of 40. */
async function hover(page) {
  const times = await page.evaluate(`(async () => {
    const panel = [...document.querySelectorAll("section")].find((section) => section.textContent.startsWith("Where it comes from"));
    const map = panel.querySelector("[role=grid]");
    const { left, top, width, height } = map.getBoundingClientRect();
    const times = [];
    for (let i = 0; i < 40; i++) {
      const at = { clientX: left + width * ((i % 8) + 0.5) / 8, clientY: top + height * (Math.floor(i / 8) + 0.5) / 8 };
      const before = panel.querySelector(".readout").textContent;
      const started = performance.now();
      map.dispatchEvent(new PointerEvent("pointermove", { ...at, bubbles: true }));
      while (panel.querySelector(".readout").textContent === before && performance.now() - started < 1000) await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - started);
    }
    return times;
  })()`);
  return { median: Math.round(median(times)), worst: Math.round(Math.max(...times)) };
}

/** How often scores change while an object of a scene is dragged for three seconds. */
async function drag(page) {
  await page.goto(`${address}#scenes?v=1&${TEXTS}`);
  await page.reload();
  const canvas = page.locator("main canvas").first();
  await canvas.waitFor();
  await page.waitForTimeout(4000);
  const { x, y, width, height } = await canvas.boundingBox();
  // What stands in the panel of texts: a change of any number there is an update; those within one frame count once.
  await page.evaluate(`{
    globalThis.changes = 0;
    let last = 0;
    const texts = [...document.querySelectorAll("section")].find((section) => section.querySelector("h2")?.textContent.trim() === "Texts");
    new MutationObserver(() => {
      const now = performance.now();
      if (now - last > 10) changes++;
      last = now;
    }).observe(texts, { subtree: true, characterData: true, childList: true, attributes: true });
  }`);
  await page.mouse.move(x + width * 0.69, y + height * 0.56);
  await page.mouse.down();
  const started = performance.now();
  for (let i = 0; performance.now() - started < 3000; i++) {
    await page.mouse.move(x + width * (0.5 + 0.2 * Math.sin(i / 15)), y + height * (0.5 + 0.2 * Math.cos(i / 15)));
    await page.waitForTimeout(10);
  }
  const seconds = (performance.now() - started) / 1000;
  await page.mouse.up();
  return { drag_updates_per_second: Math.round((10 * (await page.evaluate("changes"))) / seconds) / 10 };
}
