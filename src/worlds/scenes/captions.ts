/** True descriptions of scenes, in lower-case words without punctuation. */
import { UsageError } from "../../engine/errors.js";
import type { Random } from "../../engine/tensor/random.js";
import { type Choose, type Looks, matches, MAX_WORDS, phraseOf, wordsIn } from "./phrases.js";
import { positionOf, relationOf, type Scene, type SceneObject } from "./scene.js";
import {
  BACKGROUND_NAMES,
  BACKGROUND_PLACES,
  PICTURE_NAMES,
  POSITION_PLACES,
  RELATION_WORDS,
  STYLE_NAMES,
} from "./words.js";

export interface CaptionOptions {
  /** How much is said, from 0 (little) to 1 (all that fits). Default 0.5. */
  readonly detail?: number;
}

/** How often the plainest of several words is taken anyway. */
const PLAIN = 0.45;

/** A random description of a part of the scene. "Two red fish" says that there are exactly two; "a red fish", at least one. */
export function caption(scene: Scene, random: Random, { detail = 0.5 }: CaptionOptions = {}): string {
  if (!(detail >= 0 && detail <= 1)) {
    throw new UsageError({ what: "no such detail", where: "detail", got: String(detail), expected: "from 0 to 1" });
  }
  const draft = new Draft(scene, random, detail);
  return draft.write();
}

class Draft {
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #detail: number;
  readonly #choose: Choose;

  constructor(scene: Scene, random: Random, detail: number) {
    this.#scene = scene;
    this.#random = random;
    this.#detail = detail;
    this.#choose = (ways) => (this.#chance(PLAIN) ? ways[0]! : ways[random.below(ways.length)]!);
  }

  write(): string {
    const { background, objects } = this.#scene;
    const opener = this.#opener();
    if (opener !== undefined && !isNeutral(opener) && this.#chance(0.2 * (1 - this.#detail))) return opener;
    if (objects.length === 0 || this.#chance(0.06 * (1 - 0.7 * this.#detail))) {
      const name = this.#choose(BACKGROUND_NAMES[background]);
      return opener === undefined ? name : `${opener} of ${name}`;
    }
    const place = this.#chance(0.35 + 0.6 * this.#detail) ? this.#choose(BACKGROUND_PLACES[background]) : undefined;
    const fixed = wordsIn(opener) + (opener === undefined ? 0 : 1) + wordsIn(place);
    const things = this.#things(MAX_WORDS - fixed, place !== undefined);
    const ending = place === undefined ? things : `${things} ${place}`;
    if (opener !== undefined) return `${opener} of ${ending}`;
    if (wordsIn(ending) > MAX_WORDS - 2 || !this.#chance(0.2)) return ending;
    return `there ${/^(?:two|three|four) /.test(things) ? "are" : "is"} ${ending}`;
  }

  #opener(): string | undefined {
    const { style } = this.#scene;
    const worth = style === "clean" ? 0.12 + 0.15 * this.#detail : 0.3 + 0.5 * this.#detail;
    if (this.#chance(worth)) return this.#choose(STYLE_NAMES[style]);
    return this.#chance(0.35) ? this.#choose(PICTURE_NAMES) : undefined;
  }

  #things(words: number, placed: boolean): string {
    const { objects } = this.#scene;
    if (this.#chance(0.22 * (1 - 0.6 * this.#detail))) return this.#glimpse(placed);
    if (objects.length > 1 && this.#chance(0.3)) {
      const related = this.#related();
      if (related !== undefined && wordsIn(related) <= words) return related;
    }
    const rest = this.#shuffled();
    const wanted = 1 + this.#times(rest.length - 1, 0.2 + 0.8 * this.#detail);
    let said = "";
    for (let i = 0; i < wanted && rest.length > 0; i++) {
      const next = this.#mention(rest);
      const longer = said === "" ? next : `${said} and ${next}`;
      if (wordsIn(longer) > words) break;
      said = longer;
    }
    return said;
  }

  /** One attribute of one object, whatever it is: what a text about that attribute alone looks like. */
  #glimpse(placed: boolean): string {
    const { objects } = this.#scene;
    const object = objects[this.#random.below(objects.length)]!;
    const { shape, colour, texture, size } = object;
    const kinds: readonly (Looks | "position")[] = ["position", { shape }, { colour }, { texture }, { size }];
    const kind = this.#random.below(kinds.length + (placed ? 1 : 0));
    const looks = kinds[kind] ?? {};
    if (looks === "position") return `${phraseOf({}, 1, this.#choose)} ${this.#place(object)}`;
    const alike = objects.filter((other) => matches(other, looks));
    return phraseOf(looks, alike.length, this.#choose);
  }

  #place(object: SceneObject): string {
    return this.#choose(POSITION_PLACES[positionOf(object)]);
  }

  /** Takes an object, or all that look alike, out of `rest`. */
  #mention(rest: SceneObject[]): string {
    const object = rest.shift()!;
    const looks = this.#looks(object);
    const alike = this.#scene.objects.filter((other) => matches(other, looks));
    const unsaid = rest.filter((other) => matches(other, looks));
    if (alike.length > 1 && unsaid.length === alike.length - 1) {
      for (const other of unsaid) rest.splice(rest.indexOf(other), 1);
      return phraseOf(looks, alike.length, this.#choose);
    }
    const phrase = phraseOf(looks, 1, this.#choose);
    if (!this.#chance(0.18 + 0.45 * this.#detail)) return phrase;
    return `${phrase} ${this.#place(object)}`;
  }

  #related(): string | undefined {
    const [a, b] = this.#shuffled() as [SceneObject, SceneObject];
    const relation = relationOf(a, b);
    if (relation === undefined) return undefined;
    const [first, second] = [a, b].map((object) => phraseOf(this.#looks(object), 1, this.#choose));
    return `${first!} ${this.#choose(RELATION_WORDS[relation])} ${second!}`;
  }

  /** Some of the object's attributes, at least one. */
  #looks(object: SceneObject): Looks {
    const looks = this.#anyLooks(object);
    return Object.keys(looks).length > 0 ? looks : { shape: object.shape };
  }

  #anyLooks({ shape, colour, texture, size }: SceneObject): Looks {
    const more = this.#detail;
    const unusual = texture === "solid" ? 0.35 : 1;
    return {
      ...(this.#chance(0.78 + 0.2 * more) && { shape }),
      ...(this.#chance(0.45 + 0.5 * more) && { colour }),
      ...(this.#chance((0.25 + 0.6 * more) * unusual) && { texture }),
      ...(this.#chance(0.2 + 0.5 * more) && { size }),
    };
  }

  #shuffled(): SceneObject[] {
    return this.#random.shuffled(this.#scene.objects);
  }

  #times(most: number, chance: number): number {
    let times = 0;
    while (times < most && this.#chance(chance)) times++;
    return times;
  }

  #chance(probability: number): boolean {
    return this.#random.uniform() < probability;
  }
}

function isNeutral(opener: string): boolean {
  return PICTURE_NAMES.some((name) => name === opener);
}
