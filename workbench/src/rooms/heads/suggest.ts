import type { JobParams, JobResult } from "vitrine/jobs";
import { SHAPES } from "vitrine/scenes";

type Run = (name: "decompose", params: JobParams<"decompose">) => Promise<JobResult<"decompose">>;

const SUGGESTED = 3;

/** The shapes that the model finds most likely in a picture, likeliest first. */
export async function suggestedTexts(
  run: Run,
  model: string,
  picture: JobParams<"decompose">["picture"],
): Promise<string[]> {
  const texts = SHAPES.map((shape) => `${/^[aeiou]/.test(shape) ? "an" : "a"} ${shape}`);
  const { texts: found } = await run("decompose", { model, picture, texts });
  return texts
    .map((text, i) => ({ text, cosine: found[i]!.cosine }))
    .sort((a, b) => b.cosine - a.cosine)
    .slice(0, SUGGESTED)
    .map(({ text }) => text);
}
