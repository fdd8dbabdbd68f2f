import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defaultClientConditions, defineConfig } from "vite";
import { errorPages } from "./build/error-pages.js";
import { contentPolicy } from "./build/content-policy.js";
import { firstScript } from "./build/first-script.js";
import { models } from "./build/models.js";
import { offline } from "./build/offline.js";
import { samples } from "./build/samples.js";

const built = (file: string): string => fileURLToPath(new URL(`../dist/${file}`, import.meta.url));

/** What lets WASM use threads; `vitrine serve` sends the same, and the service worker adds them where a host cannot. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Many hosts of static files do not know that .mjs is JavaScript, and browsers then refuse it. */
const output = {
  assetFileNames: ({ names }: { readonly names: readonly string[] }): string =>
    names.some((name) => name.endsWith(".mjs")) ? "assets/[name]-[hash].js" : "assets/[name]-[hash][extname]",
};

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // Relative, so that the site works below any path.
  base: "./",
  plugins: [svelte(), firstScript(), contentPolicy(), models(), samples(), errorPages(), offline()],
  resolve: {
    // The form of ONNX Runtime that takes its .wasm from where the worker says, and brings none of its own.
    conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions],
    alias: {
      "vitrine/jobs": built("jobs/index.js"),
      "vitrine/wire": built("jobs/wire.js"),
      "vitrine/scenes": built("worlds/scenes/index.js"),
      "vitrine/glyphs": built("worlds/glyphs/index.js"),
      "vitrine/faces": built("worlds/faces/index.js"),
      "vitrine/browser": built("browser.js"),
    },
  },
  worker: { format: "es", rolldownOptions: { output } },
  build: {
    outDir: fileURLToPath(new URL("../dist/workbench", import.meta.url)),
    emptyOutDir: true,
    // Browsers that know light-dark().
    target: ["chrome123", "firefox120", "safari17.5"],
    // Small files would become data: URLs, which the page's policy forbids for scripts and workers.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output },
  },
  server: { host: "127.0.0.1", headers: ISOLATION },
  preview: { host: "127.0.0.1", headers: ISOLATION },
});
