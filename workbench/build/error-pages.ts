/** `errors.json`: the page of each error code, so that the site explains its errors offline and links nowhere else. */
import { readdir, readFile } from "node:fs/promises";
import type { Plugin } from "vite";
import { siteFiles } from "./site-files.js";

const PAGES = new URL("../../docs/errors/", import.meta.url);

export function errorPages(): Plugin {
  return siteFiles("errors.json", async () => {
    const names = (await readdir(PAGES)).filter((name) => name.endsWith(".md")).sort();
    const pages = await Promise.all(
      names.map(async (name) => [name.replace(/\.md$/, ""), await readFile(new URL(name, PAGES), "utf8")] as const),
    );
    return [{ path: "errors.json", bytes: JSON.stringify(Object.fromEntries(pages)) }];
  });
}
