/** The shortest captions: of one attribute and nothing else. */
import { Random } from "../../engine/tensor/random.js";
import { type Choose, phraseOf } from "./phrases.js";
import { type Attribute, valuesOf } from "./prompts.js";
import type { Background, Position, Style } from "./vocabulary.js";
import { BACKGROUND_NAMES, BACKGROUND_PLACES, PICTURE_NAMES, POSITION_PLACES, STYLE_NAMES } from "./words.js";

/** How often the plainest of several words is taken anyway. */
const PLAIN = 0.45;

/**
 * A text for each value of the attribute, in the vocabulary's order: random, but of one and the same wording but for the words
 * of the value, so that nothing else tells the texts from each other.
 */
export function attributeTexts(attribute: Attribute, random: Random): string[] {
  const wording = random.below(2 ** 32);
  return valuesOf(attribute).map((value) => attributeText(attribute, value, new Random(wording)));
}

/** A random text that says this value of the attribute, such as "something striped", "a photo of a trout", "by the sea". */
function attributeText(attribute: Attribute, value: string, random: Random): string {
  const choose: Choose = (ways) => (random.uniform() < PLAIN ? ways[0]! : ways[random.below(ways.length)]!);
  const anything = (): string => phraseOf({}, 1, choose);
  if (attribute === "style") {
    const name = choose(STYLE_NAMES[value as Style]);
    return random.uniform() < 0.5 ? name : `${name} of ${anything()}`;
  }
  const said = (): string => {
    switch (attribute) {
      case "background":
        return random.uniform() < 0.5
          ? choose(BACKGROUND_NAMES[value as Background])
          : `${anything()} ${choose(BACKGROUND_PLACES[value as Background])}`;
      case "position":
        return `${anything()} ${choose(POSITION_PLACES[value as Position])}`;
      default:
        return phraseOf({ [attribute]: value }, 1, choose);
    }
  };
  return random.uniform() < 0.4 ? `${choose(PICTURE_NAMES)} of ${said()}` : said();
}
