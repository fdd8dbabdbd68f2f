/** From a pointer's way to a scene. Points are fractions of the picture's side. */
import type { Scene } from "vitrine/scenes";
import { placed, scaled, turned } from "./changes.js";

export type Grip = "move" | "scale" | "turn";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A drag that began at `from` in `scene`. */
export interface Drag {
  readonly grip: Grip;
  readonly at: number;
  readonly from: Point;
  readonly scene: Scene;
}

/** With Shift, turns go in steps of 15 degrees. */
export function dragged({ grip, at, from, scene }: Drag, to: Point, steps: boolean): Scene {
  const object = scene.objects[at]!;
  if (grip === "move") return placed(scene, at, object.x + to.x - from.x, object.y + to.y - from.y);
  const reach = (point: Point): number => Math.hypot(point.x - object.x, point.y - object.y);
  if (grip === "scale") return scaled(scene, at, (object.scale * reach(to)) / Math.max(0.01, reach(from)));
  const angle = (point: Point): number => Math.atan2(point.y - object.y, point.x - object.x);
  const rotation = object.rotation + angle(to) - angle(from);
  const step = Math.PI / 12;
  return turned(scene, at, steps ? Math.round(rotation / step) * step : rotation);
}
