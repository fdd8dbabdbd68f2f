/** How far each head by itself pushes an answer between two classes: direct effects, averaged over groups of pictures. */
import { input } from "../../engine/graph/ops/leaves.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { ComponentLayout, componentLogits } from "./components.js";

/**
 * For each head, in the order of layers, and each group: the mean of what it adds to the cosine with the first class less what it adds to
 * that with the second, [L·H][groups]; `classes` [2,D]. `groupOf` tells the group of a picture by its place in the stream.
 */
export async function headMargins(
  clip: Clip,
  pictures: AsyncIterable<FloatTensor>,
  classes: FloatTensor,
  groupOf: (picture: number) => number,
  groups: number,
): Promise<Float64Array[]> {
  const layout = new ComponentLayout(clip);
  const cells = layout.layers * layout.heads;
  const sums = Array.from({ length: cells }, () => new Float64Array(groups));
  const counts = new Float64Array(groups);
  let picture = 0;
  for await (const pixels of pictures) {
    const { components } = await clip.vision.run(
      "head-margins",
      { pixels },
      (graph) => ({ components: componentLogits(graph, input("classes", classes.shape), []) }),
      { shared: { classes } },
    );
    for (let row = 0; row < pixels.shape[0]!; row++, picture++) {
      const group = groupOf(picture);
      counts[group]!++;
      for (let cell = 0; cell < cells; cell++) {
        const at = (row * layout.count + cell) * 2;
        sums[cell]![group]! += components.data[at]! - components.data[at + 1]!;
      }
    }
  }
  return sums.map((own) => own.map((sum, group) => sum / counts[group]!));
}
