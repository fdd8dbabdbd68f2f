import { expect, test, vi } from "vitest";
import * as scenes from "../../src/worlds/scenes/index.js";

// The page's name for the world of scenes.
vi.mock("vitrine/scenes", () => scenes);

const { added, doubled, MOST_OBJECTS, placed, removed, reordered, resized, scaled, turned } =
  await import("../../workbench/src/rooms/scenes/changes.js");
const { dragged } = await import("../../workbench/src/rooms/scenes/drag.js");
const { sceneSchema } = await import("../../src/jobs/picture-ref.js");

const scene = scenes.sampleScene(new scenes.Random(4), { objects: [3, 3] });
const [first] = scene.objects;

test("every change gives a scene that jobs take", () => {
  const changes = [
    placed(scene, 0, 7, -3),
    scaled(scene, 1, 40),
    resized(scene, 2, "small"),
    turned(scene, 0, 12),
    removed(scene, 1),
    reordered(scene, 0, 1),
    added(scene),
    doubled(scene, 2),
  ];
  for (const one of changes) expect(sceneSchema.safeParse(one).success).toBe(true);
  let full = scene;
  while (full.objects.length < MOST_OBJECTS) full = added(full);
  expect(sceneSchema.safeParse(full).success).toBe(true);
});

test("places stay in the picture, extents tell the size, turns stay within half a turn", () => {
  expect(placed(scene, 0, 7, -3).objects[0]).toMatchObject({ x: 1, y: 0 });
  expect(scaled(scene, 0, 40).objects[0]).toMatchObject({ scale: 1, size: "large" });
  expect(resized(scene, 0, "small").objects[0]!.scale).toBeCloseTo(scenes.typicalScale("small"), 4);
  expect(turned(scene, 0, 2 * Math.PI + 0.25).objects[0]!.rotation).toBeCloseTo(0.25, 4);
});

test("order changes by one step and ends at the ends", () => {
  expect(reordered(scene, 0, 1).objects[1]).toEqual(first);
  expect(reordered(scene, 0, -1)).toBe(scene);
});

test("drags move, resize about the centre and turn about it", () => {
  const from = { x: 0.3, y: 0.3 };
  const start = placed(scene, 0, 0.5, 0.5);
  const moved = dragged({ grip: "move", at: 0, from, scene: start }, { x: 0.4, y: 0.2 }, false);
  expect(moved.objects[0]).toMatchObject({ x: 0.6, y: 0.4 });
  const corner = { x: 0.6, y: 0.6 };
  const larger = dragged({ grip: "scale", at: 0, from: corner, scene: start }, { x: 0.65, y: 0.65 }, false);
  expect(larger.objects[0]!.scale).toBeCloseTo(Math.min(1, start.objects[0]!.scale * 1.5), 3);
  const above = { x: 0.5, y: 0.2 };
  const quarter = dragged({ grip: "turn", at: 0, from: above, scene: start }, { x: 0.8, y: 0.5 }, false);
  const way = quarter.objects[0]!.rotation - start.objects[0]!.rotation;
  expect(Math.cos(way)).toBeCloseTo(0, 3);
  expect(Math.sin(way)).toBeCloseTo(1, 3);
  const stepped = dragged({ grip: "turn", at: 0, from: above, scene: start }, { x: 0.79, y: 0.5 }, true);
  const steps = stepped.objects[0]!.rotation / (Math.PI / 12);
  expect(steps).toBeCloseTo(Math.round(steps), 2);
});
