/** Chromium for tests, where it is installed. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium } from "playwright-core";

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

/** The script that finds faults of accessibility; to be evaluated, since the page's policy lets no other script in. */
export const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Whether tests that need Chromium can run; says so once for `what` where they cannot. */
export function haveChromium(what: string): boolean {
  const have = existsSync(CHROMIUM);
  if (!have) process.stderr.write(`NOT CHECKED: ${what}, because ${CHROMIUM} is missing\n`);
  return have;
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}
