/** `errors/`: the page of each error code, so that the site explains its errors offline and links nowhere else. */
import { readdir, readFile } from "node:fs/promises";
import type { Plugin } from "vite";
import { siteFiles } from "./site-files.js";

const PAGES = new URL("../../docs/errors/", import.meta.url);

export function errorPages(): Plugin {
  return siteFiles("errors", async () => {
    const names = await readdir(PAGES);
    return Promise.all(
      names.map(async (name) => ({ path: `errors/${name}`, bytes: await readFile(new URL(name, PAGES)) })),
    );
  });
}
