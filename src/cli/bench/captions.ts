/** `vitrine bench captions`: the lens beside reading a prompt, and words said beside what the memory allows. */
import { join } from "node:path";
import type { Quantisation } from "../../engine/tensor/quantise.js";
import type { LanguageConfig } from "../../models/language/config.js";
import { quantiseVlm } from "../../models/vlm/quantise-checkpoint.js";
import { TINY_VLM, writeRandomVlm } from "../../models/vlm/random-checkpoint.js";
import { DECODED, FORMS, IMAGE_TOKENS, LANGUAGE, READ_MEGABYTES, SPEAKING, WANTED_WORDS } from "./captions-sizes.js";
import { inBenchFolder, progress, rounded } from "./common.js";
import { measureInTurns, median, type Workload, worker } from "./measure.js";

export interface CaptionsBenchOptions {
  readonly rounds: number;
}

/** What `--json` prints. Medians over the rounds; MB are 10⁶ bytes. */
export interface CaptionsBench {
  readonly rounds: number;
  readonly image_tokens: number;
  readonly wanted_words: number;
  /** Reading a prompt with a picture. */
  readonly prefill_ms: number;
  /** The same and the lens at all layers and image tokens, over the whole vocabulary. */
  readonly lens_ms: number;
  /** Median of the rounds' ratios. */
  readonly lens_ratio: number;
  /** Sums of products of the lens over those of reading the prompt, added to it. */
  readonly lens_expected: number;
  readonly bandwidth_gb_per_s: number;
  /** One token, by form of the weights. */
  readonly tokens: readonly TokenBench[];
}

export interface TokenBench {
  readonly bits: number;
  /** Numbers to a scale. */
  readonly block: number;
  readonly token_ms: number;
  /** What is read for a token: weights and cache. */
  readonly token_mb: number;
  /** Tokens said in a second over those that reading at this bandwidth would allow. */
  readonly decode_share: number;
}

type FormName = `${number}-bits-${number}`;
const nameOf = ({ bits, block }: Quantisation): FormName => `${bits}-bits-${block}`;

export async function benchCaptions({ rounds }: CaptionsBenchOptions): Promise<CaptionsBench> {
  return inBenchFolder(async (folder, ending) => {
    progress("writing random weights");
    const prompted = join(folder, "prompted");
    await writeRandomVlm(prompted, { ...TINY_VLM, language: LANGUAGE }, { seed: 1 });
    const speaking = join(folder, "speaking");
    await writeRandomVlm(speaking, { ...TINY_VLM, language: SPEAKING }, { seed: 1 });
    for (const form of FORMS) await quantiseVlm(speaking, join(folder, nameOf(form)), form);
    const run = (...args: string[]) => worker("captions-worker.js", args);
    const workloads: Record<"prefill" | "lens" | "bandwidth" | FormName, Workload> = {
      prefill: run("prefill", prompted),
      lens: run("lens", prompted),
      bandwidth: run("bandwidth", String(READ_MEGABYTES)),
      // One run more to warm up.
      ...Object.fromEntries(
        FORMS.map((form) => [nameOf(form), run("decode", join(folder, nameOf(form)), String(rounds + 1))]),
      ),
    };
    const measured = await measureInTurns(workloads, { rounds, ending }, (done) => {
      progress(`round ${done} of ${rounds}`);
    });
    const { prefill, lens, bandwidth } = measured;
    const rate = READ_MEGABYTES / median(bandwidth.milliseconds);
    const places = IMAGE_TOKENS + DECODED * (rounds + 1);
    const tokens = FORMS.map((form): TokenBench => {
      const token = median(measured[nameOf(form)]!.milliseconds) / DECODED;
      const bytes = tokenMegabytes(places, form);
      return {
        ...form,
        token_ms: rounded(token),
        token_mb: rounded(bytes),
        decode_share: rounded(bytes / rate / token),
      };
    });
    return {
      rounds,
      image_tokens: IMAGE_TOKENS,
      wanted_words: WANTED_WORDS,
      prefill_ms: rounded(median(prefill.milliseconds)),
      lens_ms: rounded(median(lens.milliseconds)),
      lens_ratio: rounded(median(prefill.milliseconds.map((ms, round) => lens.milliseconds[round]! / ms))),
      lens_expected: rounded(
        1 + ((LANGUAGE.layers + 1) * LANGUAGE.vocabulary * LANGUAGE.width) / (LANGUAGE.layers * blockSize(LANGUAGE)),
      ),
      bandwidth_gb_per_s: rounded(rate),
      tokens,
    };
  });
}

/** Numbers in the matrices of a block. */
function blockSize({ width, heads, keyHeads, headWidth, hidden }: LanguageConfig): number {
  return 2 * width * (heads + keyHeads) * headWidth + 3 * width * hidden;
}

/** Each weight and its share of a float32 scale; keys and values of all places of the cache in float32. */
function tokenMegabytes(places: number, { bits, block }: Quantisation): number {
  const { layers, vocabulary, width, keyHeads, headWidth } = SPEAKING;
  const weights = (layers * blockSize(SPEAKING) + vocabulary * width) * (bits / 8 + 4 / block);
  const cache = 2 * layers * keyHeads * headWidth * 4 * places;
  return (weights + cache) / 1e6;
}

export function captionsSummary(r: CaptionsBench): string {
  const rows = [
    ["reading a prompt", `${r.prefill_ms} ms`, `${r.image_tokens} image tokens`],
    ["  with the lens", `${r.lens_ms} ms`, `${r.lens_ratio} × reading; its products alone: ${r.lens_expected} ×`],
    ["memory", `${r.bandwidth_gb_per_s} GB/s`, ""],
    ...r.tokens.map(({ bits, block, token_ms, token_mb, decode_share }) => [
      `one token, ${bits} bits, ${block} to a scale`,
      `${token_ms} ms`,
      `${token_mb} MB are read for it: ${decode_share} of the tokens that the memory allows`,
    ]),
  ];
  const lines = rows.map(([name, value, note]) => `  ${name!.padEnd(34)}${value!.padStart(14)}   ${note!}`);
  return `prompts: a quarter of LLaVA-1.5-7B's width and depth; tokens: two of its blocks as they are; random weights, medians of ${r.rounds} paired rounds\n${lines.join("\n")}\n`;
}
