/** A world of pictures whose content is known exactly: `vitrine/scenes`. */
export { Random } from "../../engine/tensor/random.js";
export * from "./vocabulary.js";
export { positionOf, relationOf, type Scene, type SceneObject } from "./scene.js";
export { heldOutColour, heldOutTexture, isHeldOut } from "./combinations.js";
export { MAX_OBJECTS, sampleScene, type SceneOptions } from "./sample.js";
export { sceneAt } from "./numbered.js";
export { renderInto, renderScene } from "./render.js";
export {
  type Box,
  type ObjectTruth,
  relationsOf,
  runLengths,
  type SceneRelation,
  sceneTruth,
  type SceneTruth,
} from "./truth.js";
export { account } from "./account.js";
export { objectsIn, SCENE_OBJECTS } from "./object-table.js";
export { caption, type CaptionOptions } from "./captions.js";
export { fullCaption } from "./full-caption.js";
export { MAX_WORDS } from "./phrases.js";
export { sizeOfScale, typicalScale } from "./layout.js";
export { objectAt } from "./object-at.js";
export { type Attribute, type AttributePrompts, attributePrompts, ATTRIBUTES, valuesOf } from "./prompts.js";
export { attributeTexts } from "./attribute-texts.js";
export { ATTRIBUTE_WORDS } from "./attribute-words.js";
export { allDescriptions } from "./descriptions.js";
export { WORDS } from "./words.js";
export { composeScene, type ObjectWish, type SceneWish } from "./compose.js";
export { type SaidValue, shareShown, valueOf, valuesSaid, valuesShown } from "./meaning.js";
export { saidMask } from "./said-mask.js";
export { PAIR_ATTRIBUTES, type PairAttribute, type ScenePair, scenePair } from "./pairs.js";
