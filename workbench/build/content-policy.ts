/** The page's own content policy, for hosts that send none: nothing from elsewhere, no inline script or style. */
import type { Plugin } from "vite";

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

export function contentPolicy(): Plugin {
  return {
    name: "vitrine-content-policy",
    // The development server injects inline styles and opens a web socket.
    apply: "build",
    transformIndexHtml: {
      // Put before all others: it holds for what follows it.
      order: "post",
      handler: () => [
        {
          tag: "meta",
          attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
          injectTo: "head-prepend",
        },
      ],
    },
  };
}
