import { defineConfig } from "vitest/config";

export default defineConfig({
  // `#runtime` and the like (package.json, "imports"): tests run the sources.
  ssr: { resolve: { conditions: ["vitrine-source", "module", "node", "development|production"] } },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    pool: "forks",
    // On 2 cores Vitest would use one; most files wait for processes, browsers and servers half of their time.
    maxWorkers: 2,
  },
});
