/** Files that the site has besides its code: emitted when it is built, answered by the server while it is developed. */
import type { Plugin } from "vite";

export interface SiteFile {
  /** From the site's root. */
  readonly path: string;
  readonly bytes: Uint8Array | string;
}

const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  png: "image/png",
};

/** A plugin for one file, or the files below one folder, made once when first asked for. */
export function siteFiles(place: string, make: () => Promise<readonly SiteFile[]>): Plugin {
  let made: Promise<readonly SiteFile[]> | undefined;
  const files = (): Promise<readonly SiteFile[]> => (made ??= make());
  return {
    name: `vitrine-${place}`,
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = decodeURIComponent((request.url ?? "").replace(/[?#].*$/, "")).replace(/^\//, "");
        if (path !== place && !path.startsWith(`${place}/`)) {
          next();
          return;
        }
        files().then((all) => {
          const file = all.find((one) => one.path === path);
          if (file === undefined) {
            next();
            return;
          }
          response.setHeader("Content-Type", TYPES[path.split(".").at(-1)!] ?? "application/octet-stream");
          response.end(file.bytes);
        }, next);
      });
    },
    async generateBundle() {
      for (const { path, bytes } of await files()) {
        this.emitFile({ type: "asset", fileName: path, source: bytes });
      }
    },
  };
}
