/**
 * Labels of heads from a language model behind an endpoint of OpenAI's form (`POST …/chat/completions`), as CLIP-InterpreT has
 * them: it names what a head's texts share, and says which of the texts do.
 *
 * @file What it answers is untrusted: it is bounded in time and size, checked, and only ever shown or counted.
 */
import { z } from "zod";
import { UsageError } from "../../engine/errors.js";
import { normaliseLabel } from "../../methods/interpret/metrics.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import { LabelEndpointError } from "../errors.js";
import { countProgress } from "../progress.js";

export interface EndpointOptions {
  /** Base address, such as http://localhost:11434/v1. */
  readonly labelEndpoint?: string;
  readonly labelModel?: string;
  /** For each answer, in seconds. */
  readonly labelTimeout?: number;
  readonly offline?: true;
}

export interface Endpoint {
  readonly url: string;
  readonly model: string;
  /** Never shown. */
  readonly key: string | undefined;
  readonly timeoutMs: number;
}

export interface ToldHead extends HeadPlace {
  readonly texts: readonly string[];
}

export interface EndpointReading extends HeadPlace {
  readonly label: string;
  readonly texts: readonly { readonly text: string; readonly agrees: boolean }[];
}

/** Where the key is read from: on the command line, every user of the machine could see it. */
const KEY_VARIABLE = "VITRINE_LABEL_KEY";
const DEFAULT_TIMEOUT_S = 30;
const MOST_BYTES = 1 << 20;

/** Throws `UsageError` for an address that is none, and for an endpoint without a model or offline. */
export function endpointOf({
  labelEndpoint,
  labelModel,
  labelTimeout = DEFAULT_TIMEOUT_S,
  offline,
}: EndpointOptions): Endpoint | undefined {
  if (labelEndpoint === undefined) {
    if (labelModel === undefined) return undefined;
    throw new UsageError({ what: "--label-model without --label-endpoint", fix: "give the address too" });
  }
  const url = URL.canParse(labelEndpoint) ? new URL(labelEndpoint) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "") {
    throw new UsageError({
      what: "unusable --label-endpoint",
      // An address with a password in it is not repeated.
      ...(labelEndpoint.includes("@") ? {} : { got: labelEndpoint }),
      expected: `an http(s) address such as http://localhost:11434/v1; a key goes into ${KEY_VARIABLE}`,
    });
  }
  if (labelModel === undefined || labelModel.trim() === "") {
    throw new UsageError({ what: "--label-endpoint without a model", fix: "name one with --label-model" });
  }
  if (offline) throw new UsageError({ what: "--label-endpoint with --offline", fix: "leave one of them out" });
  const key = process.env[KEY_VARIABLE]?.trim();
  return {
    url: `${url.origin}${url.pathname.replace(/\/+$/, "")}/chat/completions${url.search}`,
    model: labelModel,
    key: key === undefined || key === "" ? undefined : key,
    timeoutMs: labelTimeout * 1000,
  };
}

/** One request per head. Throws {@link LabelEndpointError} when an answer does not come, or is not of the form asked for. */
export async function labelByEndpoint(heads: readonly ToldHead[], endpoint: Endpoint): Promise<EndpointReading[]> {
  const progress = countProgress(heads.length, "heads labelled");
  const readings: EndpointReading[] = [];
  try {
    for (const { layer, head, texts } of heads) {
      const { property, fitting } = await ask(endpoint, `L${layer}.H${head}`, texts);
      const judged = texts.map((text, i) => ({ text, agrees: fitting.includes(i + 1) }));
      readings.push({ layer, head, label: normaliseLabel(property), texts: judged });
      progress.update(readings.length);
    }
  } finally {
    progress.clear();
  }
  return readings;
}

const TASK = [
  "You are given short texts that describe what one part of an image model responds to.",
  "Name the one property that most of them share, in one to three words, such as: colour, animals, location, texture, counting.",
  'Answer with JSON only: {"property": "…", "fitting": [numbers of the texts that fit it]}.',
].join(" ");

const completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});
const answerForm = z.object({
  property: z.string().trim().min(1).max(60),
  fitting: z.array(z.number().int().min(1)),
});

async function ask(endpoint: Endpoint, name: string, texts: readonly string[]): Promise<z.infer<typeof answerForm>> {
  const content = texts.map((text, i) => `${i + 1}. ${text}`).join("\n");
  const messages = [
    { role: "system", content: TASK },
    { role: "user", content },
  ];
  const body = await post(endpoint, name, { model: endpoint.model, temperature: 0, messages });
  const said = completion.safeParse(jsonIn(body));
  // Some models put their JSON between words or fences.
  const inner = said.success ? /\{[^]*\}/.exec(said.data.choices[0]!.message.content)?.[0] : undefined;
  const answer = answerForm.safeParse(jsonIn(inner ?? ""));
  if (answer.success && answer.data.fitting.every((number) => number <= texts.length)) return answer.data;
  throw new LabelEndpointError({
    what: "the endpoint's answer is not of the form asked for",
    where: `${endpoint.url}, head ${name}`,
    got: said.success ? excerpt(said.data.choices[0]!.message.content) : excerpt(body),
    expected: `{"property": "…", "fitting": [numbers from 1 to ${texts.length}]}`,
    fix: "try another --label-model, or leave it out to label by rule",
  });
}

async function post({ url, key, timeoutMs }: Endpoint, name: string, body: unknown): Promise<string> {
  const where = `${url}, head ${name}`;
  try {
    const response = await fetch(url, {
      method: "POST",
      // An endpoint that moves would take the key along.
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
      headers: { "content-type": "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(body),
    });
    const text = await bounded(response, where);
    if (response.ok) return text;
    const got = `status ${response.status}: ${excerpt(text)}`;
    throw new LabelEndpointError({ what: "the endpoint refused", where, got, fix: "check model and key" });
  } catch (cause) {
    if (cause instanceof LabelEndpointError) throw cause;
    const late = cause instanceof Error && cause.name === "TimeoutError";
    throw new LabelEndpointError({
      what: "the endpoint did not answer",
      where,
      got: late ? `nothing whole in ${timeoutMs / 1000} s` : reasonOf(cause),
      fix: late ? "give it longer with --label-timeout" : "check that it runs and its address",
      cause,
    });
  }
}

async function bounded(response: Response, where: string): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) {
      throw new LabelEndpointError({ what: "the endpoint's answer is too long", where, expected: "at most 1 MiB" });
    }
    text += decoder.decode(piece, { stream: true });
  }
  return text;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? inner.message : String(inner);
}
