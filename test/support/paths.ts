import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Outputs of public reference implementations; see the README there. */
export const GOLDEN = fileURLToPath(new URL("../golden", import.meta.url));
