import type { Activation } from "../../models/clip/transformer.js";
import type { Device } from "../../engine/runtime/session.js";
import type { GlobalOptions } from "../fail.js";

/** What `modelOptions` of the command line yields. */
export interface ModelOptions extends GlobalOptions {
  readonly model: string;
  readonly device: Device;
  readonly activation?: Activation;
  readonly imageSize?: number;
  readonly revision?: string;
  readonly offline?: true;
}
