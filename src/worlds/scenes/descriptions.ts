/** A pool of texts that describe parts of pictures. */
import { phraseOf, plainest } from "./phrases.js";
import { BACKGROUNDS, COLOURS, POSITIONS, RELATIONS, SHAPES, SIZES, STYLES, TEXTURES } from "./vocabulary.js";
import {
  ANY_NOUNS,
  BACKGROUND_NAMES,
  BACKGROUND_PLACES,
  COLOUR_WORDS,
  NUMBER_WORDS,
  POSITION_PLACES,
  RELATION_WORDS,
  SHAPE_NOUNS,
  SIZE_WORDS,
  STYLE_NAMES,
  TEXTURE_TAILS,
  TEXTURE_WORDS,
} from "./words.js";

/** Single words and phrases, each once, in a fixed order: what a head of a model may turn out to stand for. */
export function allDescriptions(): string[] {
  return [...new Set([...words(), ...things(), ...counts(), ...places(), ...pictures(), ...relations()])];
}

function words(): string[] {
  const nouns = Object.values(SHAPE_NOUNS).flatMap((ways) => ways.map(({ one }) => one));
  const adjectives = [COLOUR_WORDS, TEXTURE_WORDS, SIZE_WORDS].flatMap((table) => Object.values(table).flat());
  const tails = Object.values(TEXTURE_TAILS).flat();
  const phrases = [BACKGROUND_NAMES, BACKGROUND_PLACES, POSITION_PLACES, STYLE_NAMES, RELATION_WORDS];
  return [...nouns, ...adjectives, ...tails, ...phrases.flatMap((table) => Object.values(table).flat())];
}

/** Of a shape, and of any shape. */
function things(): string[] {
  const one = (looks: Parameters<typeof phraseOf>[0]): string => phraseOf(looks, 1, plainest);
  return [
    ...Object.values(SHAPE_NOUNS).flatMap((ways) => ways.map((noun) => `the ${noun.one}`)),
    ...SHAPES.map((shape) => one({ shape })),
    ...[...COLOURS, ...TEXTURES, ...SIZES].map((word) => `something ${word}`),
    ...COLOURS.flatMap((colour) => [
      one({ colour }),
      ...SHAPES.map((shape) => one({ colour, shape })),
      ...TEXTURES.map((texture) => one({ colour, texture })),
      ...SIZES.map((size) => one({ colour, size })),
      ...TEXTURES.flatMap((texture) => SHAPES.map((shape) => one({ colour, texture, shape }))),
    ]),
    ...TEXTURES.flatMap((texture) => [
      one({ texture }),
      ...SHAPES.map((shape) => one({ texture, shape })),
      ...SIZES.map((size) => one({ texture, size })),
    ]),
    ...SIZES.flatMap((size) => [one({ size }), ...SHAPES.map((shape) => one({ size, shape }))]),
  ];
}

function counts(): string[] {
  return [2, 3, 4].flatMap((count) => [
    ...ANY_NOUNS.map(({ many }) => `${NUMBER_WORDS[count]!} ${many}`),
    ...SHAPES.map((shape) => phraseOf({ shape }, count, plainest)),
    ...COLOURS.map((colour) => phraseOf({ colour }, count, plainest)),
    ...TEXTURES.map((texture) => phraseOf({ texture }, count, plainest)),
    ...SIZES.map((size) => phraseOf({ size }, count, plainest)),
  ]);
}

function places(): string[] {
  const somewhere = [
    ...BACKGROUNDS.map((background) => BACKGROUND_PLACES[background][0]!),
    ...POSITIONS.map((position) => POSITION_PLACES[position][0]!),
  ];
  const somethings = [
    "something",
    ...SHAPES.map((shape) => phraseOf({ shape }, 1, plainest)),
    ...COLOURS.map((colour) => phraseOf({ colour }, 1, plainest)),
  ];
  return somewhere.flatMap((place) => somethings.map((thing) => `${thing} ${place}`));
}

function pictures(): string[] {
  return STYLES.flatMap((style) => {
    const name = STYLE_NAMES[style][0]!;
    return [
      `${name} of something`,
      ...SHAPES.map((shape) => `${name} of ${phraseOf({ shape }, 1, plainest)}`),
      ...BACKGROUNDS.map((background) => `${name} of ${BACKGROUND_NAMES[background][0]!}`),
    ];
  });
}

function relations(): string[] {
  const named = SHAPES.map((shape) => phraseOf({ shape }, 1, plainest));
  return [
    ...named.flatMap((a, i) => named.slice(i + 1).map((b) => `${a} and ${b}`)),
    ...RELATIONS.flatMap((relation) => {
      const words = RELATION_WORDS[relation][0]!;
      return named.flatMap((thing) => [`${thing} ${words} something`, `something ${words} ${thing}`]);
    }),
  ];
}
