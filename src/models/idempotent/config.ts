/** `config.json` beside a generator's weights. */
import { z } from "zod";
import { ModelConfigError, WrongFamilyError } from "../clip/errors.js";
import type { IdempotentArchitecture } from "./architecture.js";
import type { NormUse } from "./generator.js";

export const MODEL_TYPE = "idempotent-generator";

export interface IdempotentConfig {
  readonly architecture: IdempotentArchitecture;
  readonly use: NormUse;
  /** Names of the banks that the weights come with. */
  readonly banks: readonly string[];
  /** What it was trained with: "gaussian" or "fourier". */
  readonly noise: "gaussian" | "fourier";
}

const schema = z.object({
  model_type: z.literal(MODEL_TYPE),
  size: z.int().min(8).max(1024),
  channels: z.union([z.literal(1), z.literal(3)]),
  width: z.int().min(1).max(4096),
  noise: z.enum(["gaussian", "fourier"]),
  banks: z.array(z.string().regex(/^[a-z]+$/)),
  use: z.object({ noise: z.string(), pictures: z.string() }),
});

export function configText({ architecture, use, banks, noise }: IdempotentConfig): string {
  return `${JSON.stringify({ model_type: MODEL_TYPE, ...architecture, noise, banks, use }, null, 1)}\n`;
}

/** Throws {@link WrongFamilyError} for another kind of model and {@link ModelConfigError}. */
export function parseConfig(path: string, text: string): IdempotentConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ModelConfigError({ what: "not JSON", where: path, fix: "get the model again", cause });
  }
  const type = (json as { readonly model_type?: unknown } | null)?.model_type;
  if (type !== MODEL_TYPE) throw noGenerator(path, type === undefined ? "no model_type" : JSON.stringify(type));
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ModelConfigError({
      what: "unusable configuration",
      where: `${path}: ${issue!.path.join(".")}`,
      got: issue!.message,
      fix: "get the model again",
    });
  }
  const { size, channels, width, noise, banks, use } = parsed.data;
  const known = [...banks, "batch"];
  const unknown = Object.values(use).find((mode) => !known.includes(mode));
  if (unknown !== undefined) {
    throw new ModelConfigError({
      what: "the configuration uses statistics that it does not name",
      where: `${path}: use`,
      got: unknown,
      expected: known.join(", "),
      fix: "get the model again",
    });
  }
  return { architecture: { size, channels, width }, use, banks, noise };
}

export function noGenerator(where: string, got: string): WrongFamilyError {
  const [what, fix] = ["not an idempotent generator", "use a model such as ign-glyphs"];
  return new WrongFamilyError({ what, where, got, expected: `model_type ${MODEL_TYPE}`, fix });
}
