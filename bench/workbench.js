/**
 * What the workbench costs in Chromium, on the built site (`npm run build:site` first): `npm run bench:workbench`.
 *
 * @file Prints one JSON object; times are in milliseconds and by the page's own clock, which starts with the navigation. Each round is a new
 * profile on disk, in a browser that is at rest. First visits have nothing kept, and last until the page says that it works without a
 * network, and three seconds longer; second visits have what the first left behind. Hovering is from the pointer's event to the frame that
 * shows it. Long tasks are those of the main thread, as the browser reports them: from begin to end, also while other threads and programs have
 * the cores. `most_processor_ms_of_a_task` is what the costliest task of one more visit has of a core, by the browser's trace. `projection_ms` is of each
 * generator that comes with the page: from asking its worker for f of one picture to having it, median and worst of 30 after 3.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
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
const launch = (profile) =>
  chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    viewport: { width: 1280, height: 800 },
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
const figures = { processors: cpus().length, rounds: ROUNDS };
const [cold, warm, longest] = [[], [], []];
const picture = (await readFile(PICTURE)).toString("base64");
try {
  for (let round = 0; round < ROUNDS; round++) {
    const profile = await mkdtemp(join(tmpdir(), "vitrine-bench-"));
    const context = await launch(profile);
    try {
      figures.chromium = context.browser().version();
      const first = await visit(context);
      cold.push(first.milliseconds);
      await first.page.getByText("Works without a network from now on").waitFor();
      await first.page.waitForTimeout(3000);
      longest.push(await longestTask(first.page));
      await first.page.close();
      const { page, milliseconds } = await visit(context);
      warm.push(milliseconds);
      await page.waitForTimeout(1000);
      longest.push(await longestTask(page));
      if (round < ROUNDS - 1) continue;
      figures.first_visit_ms = median(cold);
      figures.second_visit_ms = median(warm);
      figures.longest_main_thread_task_ms = Math.max(...longest);
      figures.hover_ms = await hover(page);
      Object.assign(figures, await drag(page));
      figures.longest_main_thread_task_ms_of_use = await longestTask(page);
      figures.most_processor_ms_of_a_task = await costliestTask(context);
      figures.projection_ms = await projections(page);
    } finally {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    }
  }
} finally {
  await server.close();
}
process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);

function longestTask(page) {
  return page.evaluate("Math.round(Math.max(0, ...globalThis.longTasks))");
}

/** Of the thread that draws the page, told by the mark that it sets. */
async function costliestTask(context) {
  const session = await context.browser().newBrowserCDPSession();
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", { traceConfig: { includedCategories: ["toplevel", "blink.user_timing"] } });
  const { page } = await visit(context);
  await page.evaluate('performance.mark("drawn here")');
  await page.waitForTimeout(1000);
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  const { pid, tid } = events.find(({ name }) => name === "drawn here");
  const tasks = events.filter((event) => event.pid === pid && event.tid === tid && event.tdur !== undefined);
  return Math.round(Math.max(...tasks.map(({ tdur }) => tdur)) / 1000);
}

/** From asking for the page to the frame with the decomposition of a picture that is dropped as soon as the page takes one. */
async function visit(context) {
  const page = await context.newPage();
  await page.addInitScript(`globalThis.longTasks = [];
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask", buffered: true });
    const appears = (selector) => new Promise((resolve) => {
      const look = () => document.querySelector(selector) ? resolve() : requestAnimationFrame(look);
      look();
    });
    globalThis.shown = location.hash.startsWith("#heads") && appears("main").then(() => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob("${picture}"), (c) => c.charCodeAt(0))], "scene.png", { type: "image/png" }));
      for (const type of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      return appears("[role=grid][aria-label*='Contribution of each head']");
    }).then(() => new Promise(requestAnimationFrame)).then(() => performance.now());`);
  // The window itself is part of the browser, not of the visit.
  await page.waitForTimeout(1000);
  await page.goto(`${address}#heads?v=1&${TEXTS}`, { waitUntil: "commit" });
  return { page, milliseconds: Math.round(await page.evaluate("shown")) };
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

/** In a worker as the page has it, and nothing beside it. */
function projections(page) {
  return page.evaluate(`(async () => {
    const models = await (await fetch("models/index.json")).json();
    const script = performance.getEntriesByType("resource").map(({ name }) => name).find((name) => /assets\\/main-[^/]*\\.js$/.test(name));
    const worker = new Worker(script, { type: "module" });
    const told = new Promise((resolve) => worker.addEventListener("message", ({ data }) => data.kind === "started" && resolve()));
    worker.postMessage({ kind: "start", base: document.baseURI, device: "cpu" });
    await told;
    let id = 0;
    const ask = (name, params) => new Promise((resolve, reject) => {
      const own = ++id;
      worker.addEventListener("message", function hear({ data }) {
        if (data.id !== own || data.kind === "progress") return;
        worker.removeEventListener("message", hear);
        data.kind === "done" ? resolve(data.result) : reject(new Error(data.message));
      });
      worker.postMessage({ kind: "run", id: own, name, params });
    });
    const figures = {};
    for (const { ref } of models.filter(({ kind }) => kind === "generator")) {
      const { size, channels } = await ask("generator-info", { model: ref });
      const params = { model: ref, levels: btoa("v".repeat(size * size * channels)), times: 1 };
      const times = [];
      for (let i = 0; i < 33; i++) {
        const started = performance.now();
        await ask("project", params);
        times.push(performance.now() - started);
      }
      const sorted = times.slice(3).sort((a, b) => a - b);
      figures[ref] = { median: Math.round(10 * sorted[15]) / 10, worst: Math.round(10 * sorted.at(-1)) / 10 };
    }
    worker.terminate();
    return figures;
  })()`);
}
