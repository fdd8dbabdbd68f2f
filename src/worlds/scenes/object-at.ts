/** What a pointer points at. */
import { outlineOf } from "./outlines.js";
import type { Scene } from "./scene.js";

/** The nearest object at a point, as its place in the scene; `x` and `y` are fractions of the picture's side. */
export function objectAt({ objects }: Scene, x: number, y: number): number | undefined {
  const at = objects.findLastIndex((object) => {
    // In a picture of one pixel, whose centre is (0.5, 0.5).
    const { field, xx, xy, x0, yx, yy, y0 } = outlineOf(object, 1);
    const [column, row] = [x - 0.5, y - 0.5];
    return field.distance(column * xx + row * xy + x0, column * yx + row * yy + y0) < 0;
  });
  return at < 0 ? undefined : at;
}
