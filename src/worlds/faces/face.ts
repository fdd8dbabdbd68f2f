/** What a picture of a face depends on: whose face it is, and how it was taken. */
import type {
  Backdrop,
  Beard,
  BrowShape,
  EyeColour,
  EyeShape,
  Glasses,
  HairColour,
  HairLength,
  HairStyle,
  Hat,
  HeadShape,
  MouthShape,
  NoseShape,
  SkinTone,
} from "./vocabulary.js";

/** What stays the same from picture to picture. */
export interface FaceIdentity {
  readonly skin: SkinTone;
  readonly head: HeadShape;
  /** Of brows and beard, too. */
  readonly hairColour: HairColour;
  readonly hairLength: HairLength;
  /** Means nothing without hair. */
  readonly hairStyle: HairStyle;
  readonly eyeColour: EyeColour;
  readonly eyeShape: EyeShape;
  readonly brows: BrowShape;
  readonly nose: NoseShape;
  readonly mouth: MouthShape;
  readonly beard: Beard;
  readonly glasses: Glasses;
  readonly hat: Hat;
  /** How this face differs from others of the same attributes; each from -1 to 1 and 0 in the middle. */
  readonly proportions: FaceProportions;
  /** Of freckles, curls and the like. */
  readonly seed: number;
}

export interface FaceProportions {
  /** Shade of the skin within its tone; 1 is lighter. */
  readonly shade: number;
  readonly headWidth: number;
  readonly jaw: number;
  readonly chin: number;
  readonly eyeSpacing: number;
  readonly eyeSize: number;
  /** The outer corners up or down. */
  readonly eyeTilt: number;
  readonly browHeight: number;
  readonly browTilt: number;
  readonly noseLength: number;
  readonly noseWidth: number;
  readonly mouthWidth: number;
  readonly mouthHeight: number;
  readonly lipColour: number;
  readonly ears: number;
  readonly hairVolume: number;
  readonly hairShade: number;
  /** None up to 0. */
  readonly freckles: number;
  readonly blush: number;
  /** Of the hat's and of the frame's colour. */
  readonly hatColour: number;
  readonly frameColour: number;
}

/** What differs from picture to picture of one face. */
export interface FacePhoto {
  /** Radians; to the right of the picture is positive. */
  readonly yaw: number;
  /** Radians; up is positive. */
  readonly pitch: number;
  /** Radians, clockwise. */
  readonly roll: number;
  /** Height of the head, from crown to chin, as a fraction of the picture's side. */
  readonly scale: number;
  /** Of the head's middle, from the picture's, as fractions of its side; y down. */
  readonly x: number;
  readonly y: number;
  /** Where light comes from: from -1 (left, below) to 1 (right, above). */
  readonly lightX: number;
  readonly lightY: number;
  /** From 0 (none) to 1: how much darker the side away from the light is. */
  readonly contrast: number;
  /** From -1 (bluish) to 1 (yellowish). */
  readonly warmth: number;
  /** 1 is as bright as the colours are. */
  readonly exposure: number;
  /** From -1 (corners of the mouth down) to 1. */
  readonly smile: number;
  /** From 0 (closed) to 1. */
  readonly mouthOpen: number;
  /** From 0 to 1; below about 0.3, eyes look shut. */
  readonly eyesOpen: number;
  /** Where the eyes look, from -1 (left, up) to 1. */
  readonly gazeX: number;
  readonly gazeY: number;
  readonly browLift: number;
  readonly backdrop: Backdrop;
  /** Of the colours of backdrop and clothes, and of what is in the backdrop. */
  readonly seed: number;
}

export interface Face {
  readonly identity: FaceIdentity;
  readonly photo: FacePhoto;
}
