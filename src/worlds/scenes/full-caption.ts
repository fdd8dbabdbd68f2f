/** The one caption of a scene that says the most. */
import { type Looks, MAX_WORDS, phraseOf, plainest, wordsIn } from "./phrases.js";
import { positionOf, type Scene, type SceneObject } from "./scene.js";
import { BACKGROUND_NAMES, BACKGROUND_PLACES, POSITION_PLACES, STYLE_NAMES } from "./words.js";

/** What is said of one object so far. */
interface Said extends Looks {
  readonly place?: string;
}

/** What can be added, the most telling first. */
const DETAILS: readonly ((object: SceneObject) => Said)[] = [
  ({ texture }) => ({ texture }),
  ({ size }) => ({ size }),
  (object) => ({ place: POSITION_PLACES[positionOf(object)][0]! }),
];

/**
 * The fullest description that fits in 24 words, the same each time: style, every object's colour and shape, background;
 * then textures, sizes and positions in the objects' order while there is room.
 */
export function fullCaption({ style, background, objects }: Scene): string {
  const opener = STYLE_NAMES[style][0]!;
  if (objects.length === 0) return `${opener} of ${BACKGROUND_NAMES[background][0]!}`;
  let said: readonly Said[] = objects.map(({ shape, colour }) => ({ shape, colour }));
  const write = (parts: readonly Said[]): string =>
    `${opener} of ${parts.map(phrase).join(" and ")} ${BACKGROUND_PLACES[background][0]!}`;
  for (const detail of DETAILS) {
    for (const [index, object] of objects.entries()) {
      const longer = said.map((one, i) => (i === index ? { ...one, ...detail(object) } : one));
      if (wordsIn(write(longer)) <= MAX_WORDS) said = longer;
    }
  }
  return write(said);
}

function phrase({ place, ...looks }: Said): string {
  const thing = phraseOf(looks, 1, plainest);
  return place === undefined ? thing : `${thing} ${place}`;
}
