/** What the formats of configuration files have in common. */
import { z } from "zod";
import { ModelConfigError } from "./errors.js";

export interface ConfigFile {
  readonly path: string;
  readonly json: unknown;
}

/** Pixels, tokens, heads, layers. */
export const size = z.number().int().min(1).max(65_536);
/** Added to a variance; the bound keeps it above 0 in float32. */
export const epsilon = z.number().min(1e-12).max(1);

/** Statistics of values from 0 to 1; the bounds keep normalised pixels finite in float32. */
const mean = z.number().min(-1000).max(1000);
const deviation = z.number().min(1e-6).max(1000);
export const means = z.tuple([mean, mean, mean]);
export const deviations = z.tuple([deviation, deviation, deviation]);

/** An option that changes the computation and is not built. */
export const off = z
  .union([z.literal(false), z.null(), z.strictObject({})], { error: "this option to be off: it is not supported" })
  .optional();

/** An option that changes nothing here: it is about training, or about a part that is off. */
export const ignored = z.unknown().optional();

/** Reads `json` by `schema`. Throws {@link ModelConfigError} that names the key. */
export function parseConfig<T>({ path, json }: ConfigFile, schema: z.ZodType<T>): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path: keys, message } = result.error.issues[0]!;
  throw unsupportedConfig(
    path,
    keys.join(".") || "top level",
    at(json, keys),
    message.replace(/^(Invalid|Too) \w+: expected /, ""),
  );
}

export function unsupportedConfig(path: string, key: string, got: unknown, expected: string): ModelConfigError {
  return new ModelConfigError({
    what: "the configuration describes a model that cannot be built",
    where: `${path}: ${key}`,
    got: shortened(got),
    expected,
    fix: "Vitrine builds vision transformers, and language models like Llama; check that this is one",
  });
}

export function unreadable(path: string, name: string, cause: unknown): ModelConfigError {
  return new ModelConfigError({
    what: `${name} cannot be read`,
    where: path,
    got: cause instanceof Error ? cause.message : String(cause),
    expected: "a JSON object",
    fix: "get the file again",
    cause,
  });
}

function at(json: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | null | undefined)?.[key], json);
}

const SHOWN = 60;

function shortened(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
