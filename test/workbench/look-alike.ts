/** Screenshots against those kept in `screens/`. `VITRINE_UPDATE_SCREENS=1` keeps new ones. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { ROOT } from "../support/paths.js";

const KEPT = join(ROOT, "test/workbench/screens");
/** Of 255: less is how fonts are smoothed. */
const SEEN = 48;

/** The share of pixels that differ visibly from the picture that is kept, 1 where sizes differ. Throws where none is kept. */
export async function lookAlike(name: string, png: Buffer): Promise<number> {
  const file = join(KEPT, `${name}.png`);
  if (process.env["VITRINE_UPDATE_SCREENS"] === "1") {
    await mkdir(KEPT, { recursive: true });
    await writeFile(file, await sharp(png).png({ palette: true, colours: 128, effort: 10 }).toBuffer());
    return 0;
  }
  if (!existsSync(file))
    throw new Error(`no picture is kept of ${name}: run once with VITRINE_UPDATE_SCREENS=1, and look at it`);
  const [own, kept] = await Promise.all([png, await readFile(file)].map(pixelsOf));
  if (own!.width !== kept!.width || own!.height !== kept!.height) return 1;
  let different = 0;
  for (let at = 0; at < own!.data.length; at += 3) {
    const most = Math.max(...[0, 1, 2].map((c) => Math.abs(own!.data[at + c]! - kept!.data[at + c]!)));
    if (most > SEEN) different++;
  }
  return different / (own!.width * own!.height);
}

async function pixelsOf(png: Buffer): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
