/** Means of a model's inner values over a set of pictures: what changed parts are held at. */
import { UsageError } from "../../engine/errors.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { changedHeads, type Intervention, type LayerChange } from "./intervention.js";

/** By name of the site, without the axis of pictures. */
export type SiteMeans = ReadonlyMap<string, FloatTensor>;

/** The blocks' names, or the pool's: what `layer` means where tokens are pooled by attention. */
export const layerScope = ({ parts }: Clip, layer: number): string =>
  parts.vision.pooling === "class" ? `visual.blocks.${layer}` : "visual.pool";

/** The sites whose means an intervention needs, each once. */
export function sitesAtMean(clip: Clip, intervention: Intervention): string[] {
  const atMean = (units: readonly LayerChange[], site: string): string[] =>
    units.filter(({ to }) => to === "mean").map(({ layer }) => `${layerScope(clip, layer)}.${site}`);
  return [
    ...new Set([
      ...atMean(changedHeads(clip, intervention), "attn.z"),
      ...atMean(intervention.mlps, "mlp.out"),
      ...atMean(intervention.neurons, "mlp.post"),
    ]),
  ];
}

/**
 * Means over `pictures`, pixels [B,3,S,S] at a time; token by token, since a token's place means something. Throws `UnknownSiteError`,
 * {@link UsageError} for no pictures.
 */
export async function siteMeans(
  clip: Clip,
  pictures: AsyncIterable<FloatTensor>,
  sites: readonly string[],
): Promise<SiteMeans> {
  const reads = Object.fromEntries(sites.map((site, i) => [`site ${i}`, site]));
  const sums: Float64Array[] = [];
  const shapes: (readonly number[])[] = [];
  let count = 0;
  for await (const pixels of pictures) {
    const found = (await clip.read(pixels, reads)) as Readonly<Record<string, FloatTensor>>;
    for (const i of sites.keys()) {
      const { data, shape } = found[`site ${i}`]!;
      shapes[i] = shape.slice(1);
      const sum = (sums[i] ??= new Float64Array(data.length / shape[0]!));
      for (let start = 0; start < data.length; start += sum.length) {
        for (let at = 0; at < sum.length; at++) sum[at]! += data[start + at]!;
      }
    }
    count += pixels.shape[0]!;
  }
  if (count === 0) throw new UsageError({ what: "no mean of no pictures", expected: "1 or more" });
  return new Map(
    sites.map((site, i) => [
      site,
      floatTensor(
        Float32Array.from(sums[i]!, (sum) => sum / count),
        shapes[i]!,
      ),
    ]),
  );
}
