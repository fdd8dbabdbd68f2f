/** Chooses how far beliefs are read, on scenes that are not reported on. */
import { areaUnderCurve } from "../../engine/tensor/ranking.js";
import type { DescribedScene } from "./described-scenes.js";

/** The last layer of those whose beliefs tell best what is there from what is hallucinated, and the area under the ROC curve with each. */
export function chooseLastLayer(described: readonly DescribedScene[]): {
  readonly lastLayer: number;
  readonly areas: readonly number[];
} {
  const objects = described.flatMap((one) => one.objects);
  const isReal = objects.map((object) => object.isReal);
  const areas = (objects[0]?.belief.byLayer ?? [0]).map((_, last) =>
    areaUnderCurve(
      objects.map(({ belief }) => Math.max(...belief.byLayer.slice(0, last + 1))),
      isReal,
    ),
  );
  return { lastLayer: areas.reduce((best, area, layer) => (area > areas[best]! ? layer : best), 0), areas };
}
