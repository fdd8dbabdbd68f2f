/** Scenes as files of this machine. */
import { renderScene, type Scene } from "vitrine/scenes";
import { toImageData } from "../../panels/image-data.js";
import { sceneName } from "./names.js";

/** Pixels of a picture for people. */
const PNG_SIDE = 512;

/** What every command reads where it takes a picture. */
export function saveJson(scene: Scene): void {
  save(
    new Blob([`${JSON.stringify(scene, undefined, 2)}\n`], { type: "application/json" }),
    `${sceneName(scene)}.json`,
  );
}

export async function savePng(scene: Scene): Promise<void> {
  const canvas = new OffscreenCanvas(PNG_SIDE, PNG_SIDE);
  canvas.getContext("2d")!.putImageData(toImageData(renderScene(scene, PNG_SIDE)), 0, 0);
  save(await canvas.convertToBlob({ type: "image/png" }), `${sceneName(scene)}.png`);
}

/** More than a scene of any size takes. */
const LARGEST = 100_000;

/** Throws an Error that says what is wrong with a file that holds no scene. */
export async function openJson(file: File): Promise<Scene> {
  if (file.size > LARGEST)
    throw new Error(`${file.name} holds no scene: it is ${Math.round(file.size / 1000)} kB large.`);
  const { sceneSchema } = await import("./scene-schema.js");
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch {
    throw new Error(`${file.name} holds no scene: it is not JSON. Choose a file that was saved here.`);
  }
  const found = sceneSchema.safeParse(json);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const why = issue === undefined ? "" : ` ${issue.path.join(".") || "the whole"}: ${issue.message}.`;
  throw new Error(`${file.name} holds no scene.${why} Choose a file that was saved here.`);
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}
