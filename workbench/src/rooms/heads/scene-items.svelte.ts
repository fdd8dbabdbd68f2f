/** Scenes of a sample as small pictures. */
import { fullCaption } from "vitrine/scenes";
import type { PictureItem } from "../../panels/picture-item.js";
import type { Picture, Scene } from "../../state/picture.js";
import { pictureUrl } from "../../state/picture-url.js";

interface SampledScene {
  readonly index: number;
  readonly scene: Scene;
  readonly note?: string;
}

/** Follows `scenes`; addresses come as they are drawn. To be called while a component is set up. */
export function sceneItems(scenes: () => readonly SampledScene[]): { readonly items: readonly PictureItem[] } {
  let urls = $state.raw<Readonly<Record<number, string | undefined>>>({});
  $effect(() => {
    const wanted = scenes();
    void Promise.all(wanted.map(async ({ index, scene }) => [index, await pictureUrl({ scene }, 96)] as const)).then(
      (found) => {
        urls = Object.fromEntries(found);
      },
    );
  });
  return {
    get items() {
      return scenes().map(({ index, scene, note }) => ({
        key: String(index),
        picture: urls[index],
        alt: fullCaption(scene),
        ...(note === undefined ? {} : { note }),
      }));
    },
  };
}

/** As one of the pictures that are looked at. */
export const scenePicture = ({ index, scene }: SampledScene, seed: number): Picture => ({
  name: `scene ${seed}/${index}`,
  ref: { scene },
});
