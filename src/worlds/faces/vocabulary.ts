/** What a face can have, and what a picture of it shows. */

export const SKIN_TONES = ["porcelain", "fair", "beige", "olive", "tan", "brown", "deep"] as const;
export const HEAD_SHAPES = ["round", "oval", "square", "long", "heart"] as const;
export const HAIR_COLOURS = ["black", "brown", "auburn", "red", "blond", "grey", "white", "pink", "blue"] as const;
export const HAIR_LENGTHS = ["none", "short", "medium", "long"] as const;
export const HAIR_STYLES = ["fringe", "side parting", "centre parting", "swept back", "curls", "spikes"] as const;
export const EYE_COLOURS = ["brown", "hazel", "green", "blue", "grey"] as const;
export const EYE_SHAPES = ["round", "almond", "narrow"] as const;
export const BROW_SHAPES = ["thin", "thick", "arched", "straight"] as const;
export const NOSE_SHAPES = ["button", "straight", "long", "broad"] as const;
export const MOUTH_SHAPES = ["thin", "full", "wide", "small"] as const;
export const BEARDS = ["none", "stubble", "moustache", "goatee", "full"] as const;
export const GLASSES = ["none", "round", "square", "sunglasses"] as const;
export const HATS = ["none", "beanie", "cap", "brimmed hat"] as const;
export const BACKDROPS = ["plain", "gradient", "lights", "stripes", "hills"] as const;

export type SkinTone = (typeof SKIN_TONES)[number];
export type HeadShape = (typeof HEAD_SHAPES)[number];
export type HairColour = (typeof HAIR_COLOURS)[number];
export type HairLength = (typeof HAIR_LENGTHS)[number];
export type HairStyle = (typeof HAIR_STYLES)[number];
export type EyeColour = (typeof EYE_COLOURS)[number];
export type EyeShape = (typeof EYE_SHAPES)[number];
export type BrowShape = (typeof BROW_SHAPES)[number];
export type NoseShape = (typeof NOSE_SHAPES)[number];
export type MouthShape = (typeof MOUTH_SHAPES)[number];
export type Beard = (typeof BEARDS)[number];
export type Glasses = (typeof GLASSES)[number];
export type Hat = (typeof HATS)[number];
export type Backdrop = (typeof BACKDROPS)[number];

/** The attributes of an identity that have names, each with its values. */
export const FACE_ATTRIBUTES = {
  skin: SKIN_TONES,
  head: HEAD_SHAPES,
  hairColour: HAIR_COLOURS,
  hairLength: HAIR_LENGTHS,
  hairStyle: HAIR_STYLES,
  eyeColour: EYE_COLOURS,
  eyeShape: EYE_SHAPES,
  brows: BROW_SHAPES,
  nose: NOSE_SHAPES,
  mouth: MOUTH_SHAPES,
  beard: BEARDS,
  glasses: GLASSES,
  hat: HATS,
} as const;

export type FaceAttribute = keyof typeof FACE_ATTRIBUTES;

/** What a pixel can show; a mask is made for each. "Skin" is that of the face, the ears and the neck. */
export const FACE_PARTS = [
  "background",
  "clothes",
  "skin",
  "nose",
  "eyes",
  "brows",
  "mouth",
  "beard",
  "hair",
  "glasses",
  "hat",
] as const;

export type FacePart = (typeof FACE_PARTS)[number];
