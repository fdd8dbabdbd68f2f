/** The results of `vitrine heads` as files: a table, all data, and a page to read. */
import { join } from "node:path";
import { encodePng } from "../../engine/media/encode.js";
import { writeWhole } from "../../engine/weights/atomic-file.js";
import { headsPage, type PicturedHead } from "../../methods/decompose/report/heads-page.js";
import { seenPicture } from "../../methods/decompose/report/seen-picture.js";
import { VERSION } from "../../version.js";
import type { PixelSource } from "../decompose/sources.js";
import { type DescribedHead, type HeadLabel, type HeadsRun, lastFirst } from "./described-heads.js";

/** Returns the paths written. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeHeadFiles(
  folder: string,
  run: HeadsRun,
  source: PixelSource,
  heads: readonly DescribedHead[],
): Promise<string[]> {
  const { clip, caveat, pictures, read, index, pool } = run;
  const document = {
    version: VERSION,
    model: { ref: clip.parts.ref, caveat },
    pictures: { name: pictures, read, skipped: index.skipped },
    pool: { name: pool.name, texts: pool.texts.length },
    heads,
  };
  const page = headsPage(
    {
      model: clip.parts.ref,
      caveat,
      pictures: `${read} of ${pictures}`,
      pool: `${pool.texts.length} texts (${pool.name})`,
      version: VERSION,
    },
    await withPictures(run, source, lastFirst(heads)),
  );
  const files = { "heads.json": `${JSON.stringify(document, null, 1)}\n`, "heads.csv": csv(heads), "heads.html": page };
  for (const [name, content] of Object.entries(files)) await writeWhole(join(folder, name), content);
  return Object.keys(files).map((name) => join(folder, name));
}

function csv(heads: readonly DescribedHead[]): string {
  const rows = heads.flatMap(({ layer, head, label, texts }) =>
    texts.map(({ text, explained }, k) =>
      [layer, head, quoted(label?.property ?? ""), k + 1, explained.toFixed(6), quoted(text)].join(","),
    ),
  );
  return ["layer,head,label,place,explained,text", ...rows].join("\n").concat("\n");
}

/** "colour (4 of 5 texts)" */
export function labelText({ property, texts }: HeadLabel): string {
  return `${property} (${texts.filter(({ agrees }) => agrees).length} of ${texts.length} texts)`;
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Pictures are read again, each once: nothing of them was kept. */
async function withPictures(
  { clip }: HeadsRun,
  source: PixelSource,
  heads: readonly DescribedHead[],
): Promise<PicturedHead[]> {
  const urls = new Map<number, string>();
  const urlOf = async (index: number): Promise<string> => {
    let url = urls.get(index);
    if (url === undefined) {
      const picture = seenPicture(await source.read(index, index + 1), 0, clip.parts.preprocessing);
      url = `data:image/png;base64,${Buffer.from(await encodePng(picture)).toString("base64")}`;
      urls.set(index, url);
    }
    return url;
  };
  const pictured: PicturedHead[] = [];
  for (const { layer, head, label, texts } of heads) {
    const shown = [];
    for (const { text, explained, images = [] } of texts) {
      const pictures = [];
      for (const { index, name } of images) pictures.push({ name, url: await urlOf(index) });
      shown.push({ text, explained, pictures });
    }
    pictured.push({ layer, head, label: label && labelText(label), texts: shown });
  }
  return pictured;
}
