/** Heads, what each is about, and the texts that tell. */
import { UsageError } from "../../engine/errors.js";
import type { HeadRows } from "../../methods/decompose/head-space.js";
import { headMaps, headRowLayout, lastLayers } from "../../methods/decompose/head-rows.js";
import { headSpans } from "../../methods/decompose/head-spans.js";
import { HeadStatistics } from "../../methods/decompose/head-statistics.js";
import { labelHeads } from "../../methods/interpret/properties.js";
import type { Clip } from "../../models/clip/clip.js";
import { type Endpoint, endpointOf, type EndpointOptions, labelByEndpoint } from "./endpoint-labels.js";
import { encodeLexicon, type LexiconOptions, readLexicon } from "./lexicon.js";

export interface ReadingOptions extends LexiconOptions, EndpointOptions {
  /** Per head. */
  readonly texts: number;
  readonly lastLayers?: number;
  readonly offline?: true;
}

export interface HeadReading {
  readonly layer: number;
  readonly head: number;
  readonly label: string | undefined;
  /** Share of the texts, and the lead over the next property; only where the label is told by rule. */
  readonly share?: number;
  readonly margin?: number;
  readonly texts: readonly { readonly text: string; readonly agrees: boolean }[];
}

/** Describes heads of one model after another by the same texts. */
export class HeadReader {
  readonly #options: ReadingOptions;
  readonly #lexicon: Awaited<ReturnType<typeof readLexicon>>;
  readonly #endpoint: Endpoint | undefined;

  private constructor(options: ReadingOptions, lexicon: Awaited<ReturnType<typeof readLexicon>>) {
    this.#options = options;
    this.#lexicon = lexicon;
    this.#endpoint = endpointOf(options);
  }

  /** Throws `UsageError` for unusable files and options, before a model is loaded. */
  static async open(options: ReadingOptions): Promise<HeadReader> {
    const reader = new HeadReader(options, await readLexicon(options));
    const { texts } = reader.#lexicon;
    if (options.texts <= texts.length) return reader;
    throw new UsageError({
      what: "more texts per head than there are",
      got: `--texts ${options.texts}`,
      expected: `at most the ${texts.length} of the pool`,
    });
  }

  /** How texts and labels come about, in words. */
  get about(): string {
    const { texts, assign, properties } = this.#lexicon;
    const how = assign === "words" ? "their words" : "nearness to words";
    const labels =
      this.#endpoint === undefined
        ? `${properties.length} properties by ${how}`
        : `labels and verdicts by ${this.#endpoint.model}`;
    return `${this.#options.texts} of ${texts.length} texts per head, ${labels}`;
  }

  /** Throws what TextSpan throws (of a single picture, nothing varies), and `LabelEndpointError`. */
  async read(clip: Clip, batches: AsyncIterable<HeadRows> | Iterable<HeadRows>): Promise<HeadReading[]> {
    const { texts: count, lastLayers: last = 4 } = this.#options;
    const { texts, assignments, features } = await encodeLexicon(clip, this.#lexicon);
    const layout = headRowLayout(clip, lastLayers(clip, last));
    const statistics = new HeadStatistics(layout);
    for await (const batch of batches) statistics.addDecomposed(batch);
    const spans = await headSpans(clip, statistics, await headMaps(clip, layout), features, { count });
    if (this.#endpoint === undefined) return labelHeads(spans, texts, assignments, count);
    const told = spans.map(({ layer, head, picks }) => ({ layer, head, texts: picks.map((pick) => texts[pick]!) }));
    return labelByEndpoint(told, this.#endpoint);
  }
}
