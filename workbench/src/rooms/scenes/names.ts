/** Scenes and objects in words. */
import type { Scene, SceneObject } from "vitrine/scenes";

export function objectName({ colour, texture, shape }: SceneObject): string {
  return [colour, ...(texture === "solid" ? [] : [texture]), shape].join(" ");
}

/** Short, for lists and files. */
export function sceneName({ objects, background }: Scene): string {
  const names = objects.slice(0, 2).map(({ colour, shape }) => `${colour}-${shape}`);
  return [...names, ...(objects.length > 2 ? [`${objects.length - 2}-more`] : []), background].join("-");
}
