/** Which values of which attributes each token of a picture is to be told by. */
import { type FloatTensor, floatTensor, type Tensor } from "../../engine/tensor/tensor.js";
import { type Attribute, ATTRIBUTES, type ObjectTruth, type SceneTruth, valuesOf } from "../../worlds/scenes/index.js";
import { objectAreas, TOKEN_COUNT } from "./patches.js";
import { PATCH_WEIGHTS } from "./settings.js";

/** The columns of an attribute's values among those of all attributes. */
export interface Columns {
  readonly attribute: Attribute;
  readonly from: number;
  readonly to: number;
}

/** All attributes, in order. */
export const COLUMNS: readonly Columns[] = ATTRIBUTES.reduce<Columns[]>((columns, attribute) => {
  const from = columns.at(-1)?.to ?? 0;
  return [...columns, { attribute, from, to: from + valuesOf(attribute).length }];
}, []);

/** Values of all attributes together. */
export const VALUE_COUNT = COLUMNS.at(-1)!.to;

/** Least share of a patch that shows an object for the patch to be of this object, and most for it to be of the background. */
const OF_OBJECT = 0.25;
const OF_BACKGROUND = 0.1;
const OBJECT_ATTRIBUTES = ["shape", "colour", "texture", "size", "position"] as const;

/**
 * Weights [B·K,V] of the log-probability of each value at each token of `tokens` (int32 [B,K], rows of all tokens [B·N]). The
 * class token is told by every attribute, in equal shares of what the objects of the picture have; a patch by those of the
 * object that it shows most of, or by the background. Weights of one attribute add up to 1 over the class tokens of the batch,
 * and to `PATCH_WEIGHTS` over its patches.
 */
export function attributeTargets(truths: readonly SceneTruth[], tokens: Tensor<"int32">): FloatTensor {
  const weights = new Float32Array(tokens.data.length * VALUE_COUNT);
  const patches = new Map(ATTRIBUTES.map((attribute) => [attribute, [] as number[]]));
  for (const [row, token] of tokens.data.entries()) {
    const truth = truths[Math.floor(token / TOKEN_COUNT)]!;
    const place = token % TOKEN_COUNT;
    if (place === 0) {
      for (const { attribute } of COLUMNS) {
        const values = valuesIn(truth, attribute);
        for (const value of values) weights[at(row, attribute, value)] = 1 / (values.size * truths.length);
      }
    } else {
      const tell = (attribute: Attribute, value: string): void => {
        patches.get(attribute)!.push(at(row, attribute, value));
      };
      const shown = shownBy(truth, place - 1);
      if (shown === "background") tell("background", truth.background);
      else if (shown !== undefined) for (const attribute of OBJECT_ATTRIBUTES) tell(attribute, shown[attribute]);
    }
  }
  for (const [attribute, places] of patches) {
    for (const place of places) weights[place] = PATCH_WEIGHTS[attribute] / places.length;
  }
  return floatTensor(weights, [tokens.data.length, VALUE_COUNT]);
}

function at(row: number, attribute: Attribute, value: string): number {
  const { from } = COLUMNS.find((columns) => columns.attribute === attribute)!;
  return row * VALUE_COUNT + from + valuesOf(attribute).indexOf(value);
}

function valuesIn(truth: SceneTruth, attribute: Attribute): Set<string> {
  if (attribute === "background" || attribute === "style") return new Set([truth[attribute]]);
  return new Set(truth.objects.map((object) => object[attribute]));
}

/** The object that the patch shows most of; undefined where it shows too little of one and too much for a background. */
function shownBy(truth: SceneTruth, patch: number): ObjectTruth | "background" | undefined {
  const areas = objectAreas(truth, patch);
  const most = Math.max(0, ...areas);
  if (most >= OF_OBJECT) return truth.objects[areas.indexOf(most)]!;
  return areas.reduce((sum, area) => sum + area, 0) < OF_BACKGROUND ? "background" : undefined;
}
