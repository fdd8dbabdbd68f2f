/** Singular forms of English nouns, as CHAIR needs them. */

/**
 * How words of captions are looked up. `"strict"` makes the mistakes that published figures of CHAIR contain: "a bus" and "ties" are
 * never found. `"fixed"` makes none that is known.
 */
export type ChairMode = "strict" | "fixed";

const IRREGULAR: Readonly<Record<string, string>> = {
  people: "person",
  men: "man",
  women: "woman",
  children: "child",
  policemen: "policeman",
  gentlemen: "gentleman",
  mice: "mouse",
  geese: "goose",
  oxen: "ox",
  calves: "calf",
  knives: "knife",
  scissors: "scissors",
  tvs: "tv",
  buses: "bus",
  minibuses: "minibus",
  glasses: "glass",
};

/** `strict` together with the rules gives the objects that the library `pattern` gives, which the public implementation uses. */
const EXCEPTIONS: Readonly<Record<ChairMode, Readonly<Record<string, string>>>> = {
  strict: { ...IRREGULAR, doggies: "doggies", canoes: "cano", bus: "bu", glass: "glas", ties: "ty" },
  fixed: { ...IRREGULAR, bus: "bus", minibus: "minibus", airbus: "airbus", airbuses: "airbus", ties: "tie" },
};

/** The singular of a word in lower case; of what is none already, the word itself. */
export function singular(word: string, mode: ChairMode): string {
  const exceptions = EXCEPTIONS[mode];
  if (Object.hasOwn(exceptions, word)) return exceptions[word]!;
  if (/(?:ch|sh|x)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 3 && word.endsWith("s") && !word.endsWith("ss")) return word.slice(0, -1);
  return word;
}
