/** Faces in words. */
import type { Face, FaceIdentity, FacePhoto } from "./face.js";

/** "a person with …": all named attributes, in lower-case letters and commas. */
export function describeIdentity(identity: FaceIdentity): string {
  const { skin, head, eyeColour, eyeShape, brows, nose, mouth, beard, glasses, hat } = identity;
  const parts = [
    `${article(head)} ${head} head`,
    `${skin} skin`,
    hairWords(identity),
    `${eyeShape} ${eyeColour} eyes`,
    `${brows} brows`,
    `${article(nose)} ${nose} nose`,
    mouth === "thin" || mouth === "full" ? `${mouth} lips` : `a ${mouth} mouth`,
    ...beardWords(beard),
    ...(glasses === "none" ? [] : [glasses === "sunglasses" ? glasses : `${glasses} glasses`]),
    ...(hat === "none" ? [] : [`a ${hat}`]),
  ];
  return `a person with ${parts.slice(0, -1).join(", ")} and ${parts.at(-1)!}`;
}

/** The person, and what the picture shows of them beyond that. */
export function describeFace({ identity, photo }: Face): string {
  return [describeIdentity(identity), ...photoWords(photo)].join(", ");
}

function hairWords({ hairColour, hairLength, hairStyle }: FaceIdentity): string {
  if (hairLength === "none") return "no hair";
  const hair = `${hairLength} ${hairColour}`;
  if (hairStyle === "curls" || hairStyle === "spikes") return `${hair} ${hairStyle}`;
  if (hairStyle === "swept back") return `${hair} hair swept back`;
  return `${hair} hair with a ${hairStyle}`;
}

function beardWords(beard: FaceIdentity["beard"]): string[] {
  if (beard === "none") return [];
  if (beard === "stubble") return [beard];
  return [beard === "full" ? "a full beard" : `a ${beard}`];
}

/** From how much on a turn, a smile or a light is worth a word. */
const NOTED = { turn: 0.15, smile: 0.5, frown: -0.1, light: 0.35, open: 0.3 } as const;

function photoWords({ yaw, smile, mouthOpen, lightX, backdrop }: FacePhoto): string[] {
  const words: (string | false)[] = [
    Math.abs(yaw) > NOTED.turn && `turned to the ${yaw < 0 ? "left" : "right"}`,
    smile > NOTED.smile ? (mouthOpen > NOTED.open ? "laughing" : "smiling") : smile < NOTED.frown && "looking sad",
    Math.abs(lightX) > NOTED.light && `lit from the ${lightX < 0 ? "left" : "right"}`,
    backdrop === "lights" || backdrop === "stripes" || backdrop === "hills" ? `before ${backdrop}` : false,
  ];
  return words.filter((word): word is string => word !== false);
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? "an" : "a";
}
