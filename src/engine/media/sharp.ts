import type sharp from "sharp";
import { ImageCodecMissingError } from "./image-errors.js";

/** The image library, loaded when first needed: its native part would more than double the start-up of the command line. */
export async function loadSharp(): Promise<typeof sharp> {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new ImageCodecMissingError(cause);
  }
}
