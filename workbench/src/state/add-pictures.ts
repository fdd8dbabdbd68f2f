/** Pictures from files, the clipboard and the samples. */
import { connection, isAbort } from "./backend.svelte.js";
import { errors } from "./errors.svelte.js";
import type { Scene } from "./picture.js";
import { selection } from "./selection.svelte.js";

export interface Sample {
  readonly name: string;
  readonly file: string;
  readonly texts: readonly string[];
  readonly scene: Scene;
}

/** Files on their way. */
const coming = new Set<Promise<void>>();

/** Hands files over and looks at the last one. What is no picture is said in the error bar. */
export function addFiles(files: Iterable<File>): Promise<void> {
  const added = addEach(files).finally(() => coming.delete(added));
  coming.add(added);
  return added;
}

async function addEach(files: Iterable<File>): Promise<void> {
  for (const file of files) {
    try {
      const { id } = await connection.addPicture(new Uint8Array(await file.arrayBuffer()));
      selection.addPicture({ ref: { picture: id }, name: file.name });
      errors.clear("picture");
    } catch (error) {
      // The connection has said what went wrong.
      if (isAbort(error)) return;
    }
  }
}

let index: Promise<readonly Sample[]> | undefined;

export function loadSamples(): Promise<readonly Sample[]> {
  index ??= fetch(new URL("samples/index.json", document.baseURI)).then(
    (response) => response.json() as Promise<readonly Sample[]>,
  );
  return index;
}

/** Looks at a sample; its texts are asked too while there are no others. */
export function addSample({ name, scene, texts }: Sample): void {
  selection.addPicture({ ref: { scene }, name });
  if (selection.texts.length > 0) return;
  selection.texts = texts;
  selection.text = texts[0];
}

/** Looks at the first sample while nothing is looked at, and asks about it. A file that is on its way goes before it. */
export async function beginWithPicture(): Promise<void> {
  const sees = (): boolean => selection.picture !== undefined;
  if (sees()) return;
  const [first] = await loadSamples();
  while (coming.size > 0) await Promise.allSettled(coming);
  if (first !== undefined && !sees()) addSample(first);
  selection.text ??= selection.texts[0];
}

/** As {@link beginWithPicture}, and asks for the sample's texts while there are no others, so that a room has something to show. */
export async function beginWithSample(): Promise<void> {
  if (selection.picture !== undefined && selection.text !== undefined) return;
  const [first] = await loadSamples();
  await beginWithPicture();
  if (first !== undefined && selection.texts.length === 0) selection.texts = first.texts;
  selection.text ??= selection.texts[0];
}
