/** Every error code has its page, and every page its code. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/paths.js";

const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);
const codes = sources.flatMap((file) => {
  const text = readFileSync(join(ROOT, "src", file), "utf8");
  return [...text.matchAll(/\bcode(?:: string)? = "([^"]+)"/g)].map(([, code]) => code!);
});
const pages = readdirSync(join(ROOT, "docs/errors")).map((file) => file.replace(/\.md$/, ""));

test("codes and pages match, and no code is used twice", () => {
  expect(codes.length).toBeGreaterThan(80);
  expect(codes.toSorted()).toEqual(pages.toSorted());
});

test.each(pages)("%s has all its sections", (page) => {
  const text = readFileSync(join(ROOT, "docs/errors", `${page}.md`), "utf8");
  expect(text.startsWith(`# ${page}\n`)).toBe(true);
  for (const section of ["## What happened", "## Why", "## What to do"]) expect(text).toContain(section);
});
