/** Has the page begin its connection first: the script that starts the worker, and what it asks for, stand before all others. */
import { fileURLToPath } from "node:url";
import type { HtmlTagDescriptor, Plugin } from "vite";

const SOURCE = fileURLToPath(new URL("../src/backend/first.ts", import.meta.url));

export function firstScript(): Plugin {
  return {
    name: "vitrine-first-script",
    // While the site is developed, the page's own script brings it along.
    apply: "build",
    buildStart() {
      // The very chunk that the page imports too, without a second one that imports it.
      this.emitFile({ type: "chunk", id: SOURCE, preserveSignature: "allow-extension" });
    },
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {} }): HtmlTagDescriptor[] {
        const script = Object.values(bundle).find((file) => file.type === "chunk" && file.facadeModuleId === SOURCE);
        if (script === undefined) throw new Error(`${SOURCE} was not built`);
        return [
          { tag: "link", attrs: { rel: "preload", href: "./config.json", as: "fetch", crossorigin: true } },
          { tag: "script", attrs: { type: "module", async: true, src: `./${script.fileName}` } },
        ].map((tag) => ({ ...tag, injectTo: "head-prepend" }));
      },
    },
  };
}
