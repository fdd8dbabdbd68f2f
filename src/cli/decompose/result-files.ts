/** Writes what `--out` asks for, batch by batch: tensors, heat maps, the report. */
import { encodePng } from "../../engine/media/encode.js";
import type { RgbImage } from "../../engine/media/image.js";
import { decisive, headTokens, type PictureFindings, ranking } from "../../methods/decompose/report/findings.js";
import { heatMap } from "../../methods/decompose/report/heat-maps.js";
import type { Markup } from "../../methods/decompose/report/markup.js";
import { reachOf } from "../../methods/decompose/report/charts.js";
import { reportPage } from "../../methods/decompose/report/page.js";
import { type HeadMap, pictureSection } from "../../methods/decompose/report/picture-section.js";
import { seenPicture } from "../../methods/decompose/report/seen-picture.js";
import { readLayers } from "../../models/clip/readout.js";
import { mapName, REPORT, type ResultsFolder, stemOf, TENSORS, uniqueSlugs } from "./results-folder.js";
import { topHeads } from "./results.js";
import { describePreprocessing, provenanceOf, type Run } from "./run.js";
import type { DecomposedBatch } from "./stream.js";
import { TensorFile } from "./tensor-file.js";

/** Pictures that get heat maps of their own. */
const PICTURES_MAPPED = 100;
/** Pictures in the report. */
const PICTURES_REPORTED = 20;
const HEADS_REPORTED = 6;

export class ResultFiles implements AsyncDisposable {
  readonly #run: Run;
  readonly #folder: ResultsFolder;
  readonly #tensors: TensorFile;
  readonly #slugs: { readonly pictures: readonly string[]; readonly texts: readonly string[] };
  readonly #sections: Markup[] = [];

  private constructor(run: Run, folder: ResultsFolder, tensors: TensorFile) {
    this.#run = run;
    this.#folder = folder;
    this.#tensors = tensors;
    this.#slugs = {
      pictures: uniqueSlugs(run.names.slice(0, PICTURES_MAPPED).map(stemOf), "picture"),
      texts: uniqueSlugs(run.texts, "text"),
    };
  }

  static async create(run: Run, folder: ResultsFolder): Promise<ResultFiles> {
    const { clip, names, texts, directions, full, templates } = run;
    const { ref, source, vision } = clip.parts;
    const { version, command, date } = provenanceOf(run);
    const metadata = {
      method: "decompose",
      convention: "reference",
      version,
      model: ref,
      ...(source.commit === undefined ? {} : { commit: source.commit }),
      ...(texts.length === 0 ? {} : { templates }),
      command,
      date,
    };
    const options = { images: names, texts, directions, full, metadata };
    return new ResultFiles(run, folder, await TensorFile.create(folder.staged(TENSORS), vision, options));
  }

  async add(batch: DecomposedBatch): Promise<void> {
    await this.#tensors.add(batch);
    for (const [row, findings] of batch.findings.entries()) {
      const index = batch.start + row;
      if (index >= PICTURES_MAPPED) break;
      const seen = seenPicture(batch.pixels, row, this.#run.clip.parts.preprocessing);
      await this.#writeMaps(index, seen, findings);
      if (index < PICTURES_REPORTED) {
        const picture = { name: this.#run.names[index]!, seen, findings, topHeads: this.#headMaps(batch, row) };
        this.#sections.push(await pictureSection(picture, this.#run.texts));
      }
    }
  }

  /** Completes all files and puts them in their places; returns their paths. */
  async finish(): Promise<string[]> {
    const { clip, names, texts, caveat, edited } = this.#run;
    const { ref, source, vision } = clip.parts;
    const { version, date, device, preprocessing, command } = provenanceOf(this.#run);
    await this.#tensors.finish();
    const facts = {
      model: ref,
      layers: readLayers(vision),
      heads: vision.heads,
      pooled: vision.pooling === "attention",
      judgedAlone: clip.parts.logitBias !== undefined,
      grid: vision.grid,
      patchSize: vision.patchSize,
      texts,
      pictures: names.length,
      caveat: edited === undefined ? caveat : [caveat, `The model is edited: ${edited}.`].filter(Boolean).join(" "),
      provenance: [
        ["model", `${ref}, ${source.layout} layout`],
        ...(source.commit === undefined ? [] : [["commit", source.commit] as const]),
        ["preprocessing", describePreprocessing(preprocessing)],
        ["library", `Vitrine ${version}, ${device}`],
        ["date", date],
      ],
      command,
    } as const;
    await this.#folder.write(REPORT, reportPage(facts, this.#sections));
    return this.#folder.publish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tensors[Symbol.asyncDispose]();
  }

  /** One scale for all texts of a picture. */
  async #writeMaps(index: number, seen: RgbImage, { texts }: PictureFindings): Promise<void> {
    const maps = texts.map((text) => decisive(text).tokens);
    const reach = reachOf(maps.map((tokens) => tokens.subarray(1)));
    await Promise.all(
      maps.map(async (tokens, t) => {
        const name = mapName(this.#slugs.pictures[index]!, this.#slugs.texts[t]!);
        await this.#folder.write(name, await encodePng(heatMap(seen, tokens, reach)));
      }),
    );
  }

  #headMaps({ decomposition, findings }: DecomposedBatch, row: number): HeadMap[] {
    const [best] = ranking(findings[row]!);
    if (best === undefined) return [];
    return topHeads(findings[row]!, best, HEADS_REPORTED).map(({ layer, head, value, contrast }) => {
      const tokens = headTokens(
        decomposition.text_maps!,
        row,
        { layer, head },
        best,
        this.#run.clip.parts.vision.prefix,
      );
      return { layer, head, value: contrast ?? value, tokens };
    });
  }
}
