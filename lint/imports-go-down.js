/**
 * ESLint rule: imports go down only (docs/architecture.md, The house).
 *
 * @file Checks each relative specifier of a file below `src/`: `import`, `export … from`, `import()` and `import("…")`
 * types. It is resolved to a path, and both ends must lie on a known level. A level may import itself and those below
 * it; a method imports no other method. Packages are left alone, but for this one, which is its own top level.
 */
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const SRC = fileURLToPath(new URL("../src", import.meta.url));
const SELF = /^vitrine(?:\/|$)/;

/** From the ground up. A folder stands for all that is in it; `*` for the files right in it. */
const LEVELS = [
  "version.ts",
  "engine/*",
  "engine/tensor",
  "engine/media",
  "engine/weights",
  "engine/graph",
  "engine/runtime",
  "engine/train",
  "models",
  "worlds",
  "methods",
  "recipes",
  "jobs",
  "server",
  "cli",
  "*",
];
const TOP_FILES = ["index.ts", "browser.ts", "graph.ts", "train.ts"];

/** The level of a path below `src/`, or -1 for one that has no place in the house. */
function levelOf(path) {
  const [floor, room, ...rest] = path.split("/");
  if (TOP_FILES.includes(path)) return LEVELS.indexOf("*");
  if (floor === "engine") return LEVELS.indexOf(rest.length > 0 ? `engine/${room}` : room && "engine/*");
  return room === undefined && path !== "version.ts" ? -1 : LEVELS.indexOf(floor);
}

/** The method whose folder a path lies in. */
function methodOf(path) {
  return /^methods\/([^/]+)\//.exec(path)?.[1];
}

/** Relative to `src/`, with forward slashes, and the extension of the source. */
function below(path) {
  return relative(SRC, path).split(sep).join("/").replace(/\.js$/, ".ts");
}

/** What is wrong with `specifier` in the file `from` (both relative to `src/`): a message id, or undefined. */
function fault(from, specifier) {
  if (SELF.test(specifier)) return "self";
  if (!/^(?:\.|\/|file:)/.test(specifier)) return undefined;
  const to = below(resolve(SRC, dirname(from), specifier));
  const [own, other] = [levelOf(from), levelOf(to)];
  if (other < 0) return "unknown";
  if (own >= 0 && other > own) return "up";
  const method = methodOf(to);
  return own === other && method !== undefined && method !== methodOf(from) ? "method" : undefined;
}

export default {
  meta: {
    type: "problem",
    docs: { description: "imports go down only" },
    schema: [],
    messages: {
      up: "Imports go down only: '{{specifier}}' lies above this file.",
      self: "'{{specifier}}' is this package from outside; import the file that defines what you need.",
      method: "A method imports no other method: move what '{{specifier}}' shares with this file down a floor.",
      unknown: "'{{specifier}}' has no place in the house: give it a level in lint/imports-go-down.js.",
      computed: "An import whose path is computed cannot be checked: write it out.",
    },
  },
  create(context) {
    const from = below(context.filename);
    const check = (node) => {
      const { source } = node;
      if (!source) return;
      const specifier = source.type === "TemplateLiteral" ? source.quasis[0].value.cooked : source.value;
      if (typeof specifier !== "string" || source.expressions?.length > 0) {
        context.report({ node, messageId: "computed" });
        return;
      }
      const messageId = fault(from, specifier);
      if (messageId !== undefined) context.report({ node, messageId, data: { specifier } });
    };
    return {
      Program(node) {
        if (levelOf(from) < 0) context.report({ node, messageId: "unknown", data: { specifier: from } });
      },
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};
