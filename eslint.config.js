import tseslint from "typescript-eslint";

/** Floors from the ground up (DESIGN.md): a file may import its own floor and those below it. */
const FLOORS = ["engine", "models", "worlds", "methods", "server", "cli"];
/** Rooms of the ground floor, from the ground up. */
const ENGINE_ROOMS = ["tensor", "media", "weights", "graph", "runtime", "train"];

/** One config entry per level that bars every level above it. Only the parent of a level may hold that level's name. */
function importsGoDown(parent, levels) {
  return levels.map((level, i) => ({
    files: [`${parent}/${level}/**/*.ts`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: `^\\.\\./(?:.*/)?(?:${barred(parent, levels, i).join("|")})/`,
              message: "Imports go down only: see DESIGN.md, The house.",
            },
          ],
        },
      ],
    },
  }));
}

function barred(parent, levels, i) {
  const above = levels.slice(i + 1);
  return parent === "src/engine" ? [...above, ...FLOORS.slice(1)] : [...above, "workbench"];
}

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "coverage/"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "max-lines": ["error", { max: 600 }],
      "no-console": "error",
    },
  },
  ...importsGoDown("src", FLOORS.slice(1)),
  ...importsGoDown("src/engine", ENGINE_ROOMS),
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
