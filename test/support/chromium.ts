/** Chromium for tests, where it is installed. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The script that finds faults of accessibility. */
export const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Whether tests that need Chromium can run; says so once for `what` where they cannot. */
export function haveChromium(what: string): boolean {
  const have = existsSync(CHROMIUM);
  if (!have) process.stderr.write(`NOT CHECKED: ${what}, because ${CHROMIUM} is missing\n`);
  return have;
}

export function launchChromium(...more: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS, ...more] });
}

/** A GPU that Chromium imitates on the CPU: slow, with a GPU's programs. */
export const IMITATED_GPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"] as const;

/** What axe objects to on the page: for each fault its name, then the elements. */
export async function faults(page: Page): Promise<unknown> {
  // Evaluated, since the page's policy lets no other script in.
  await page.evaluate(await readFile(AXE, "utf8"));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: AxeViolation[] }> } };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
  });
}

/** As if the file were dropped on the page. */
export async function dropFile(page: Page, name: string, bytes: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(`{
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob("${bytes.toString("base64")}"), (c) => c.charCodeAt(0));
    data.items.add(new File([bytes], ${JSON.stringify(name)}));
    data;
  }`);
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
