/**
 * What a checkpoint's configuration files say and its weights cannot: heads, activation, preprocessing.
 *
 * @file Formats: OpenCLIP's `open_clip_config.json`; Hugging Face's `config.json` with `preprocessor_config.json` or
 * `processor_config.json`; timm's `config.json`. Without any, published architectures are recognised by their sizes.
 */
import { z } from "zod";
import { blipSettings } from "../families/blip-config.js";
import { siglipSettings } from "../families/siglip-config.js";
import { timmSettings } from "../families/timm-config.js";
import { vitSettings } from "../families/vit-config.js";
import { type ConfigFile, parseConfig, unreadable } from "./config-file.js";
import { huggingFaceSettings } from "./hugging-face-config.js";
import type { Family, Layout } from "./layouts.js";
import { openClipSettings } from "./open-clip-config.js";
import type { PositionResampling } from "./position.js";
import type { Preprocessing } from "./preprocess.js";
import type { Activation } from "./transformer.js";

/** A tower as a configuration file describes it; what is absent is decided by the weights. */
export interface TowerSettings {
  readonly heads?: number;
  /** Width of a head; `heads` is the tower's width divided by it. */
  readonly headWidth?: number;
  readonly activation: Activation;
  readonly epsilon: number;
}

export interface ClipSettings {
  /** The file that says so. */
  readonly source: string;
  readonly family: Family;
  readonly vision: TowerSettings & {
    readonly imageSize: number;
    /** By default, "antialiased". */
    readonly positionResampling?: PositionResampling;
  };
  /**
   * `endToken`: the id at whose first occurrence texts are pooled, or "largest" for the largest id of each text. Absent
   * where the file leaves it to the format, which then means {@link CLIP_END_TOKEN}. "last": texts are pooled at the last place.
   */
  readonly text?: TowerSettings & {
    readonly endToken?: number | "largest" | "last";
    readonly padToken?: number;
    readonly bidirectional?: boolean;
  };
  readonly preprocessing: Preprocessing;
}

/** Texts of configuration files, by name. */
export type ConfigTexts = Readonly<
  Partial<Record<(typeof MAIN_FILES)[number] | (typeof PICTURE_FILES)[number], string>>
>;

/** The end token of CLIP's published vocabulary. */
export const CLIP_END_TOKEN = 49_407;

const MAIN_FILES = ["open_clip_config.json", "config.json"] as const;
/** What `config.json` leaves to another file, which has this name or, newer and nested, the second. */
const PICTURE_FILES = ["preprocessor_config.json", "processor_config.json"] as const;

/** Settings of the configuration of `folder`, given the texts of its files. Throws `ModelConfigError`. */
export function settingsOf(folder: string, texts: ConfigTexts): ClipSettings | undefined {
  const file = (name: keyof ConfigTexts): ConfigFile | undefined => {
    const text = texts[name];
    return text === undefined ? undefined : parsed(`${folder}/${name}`, name, text);
  };
  const openClip = file("open_clip_config.json");
  if (openClip !== undefined) return openClipSettings(openClip);
  const main = file("config.json");
  if (main === undefined) return undefined;
  const { model_type: type = "", architecture } = parseConfig(main, kindSchema);
  // timm's files have this name too.
  if (type === "" && architecture !== undefined) return timmSettings(main);
  const read = Object.hasOwn(READERS, type) ? READERS[type]! : huggingFaceSettings;
  return read(main, file("preprocessor_config.json"), file("processor_config.json"));
}

/** Gives the text of a file beside the weights, or nothing when there is no such file. */
export type ReadText = (name: string) => Promise<string | undefined>;
/** The same of one that is no text. */
export type ReadBytes = (name: string) => Promise<Uint8Array | undefined>;

/**
 * The configuration beside the weights, or nothing when there is none; `folder` is for messages. There may be both kinds: the one
 * that belongs to the weights' layout comes first. Throws `ModelConfigError`.
 */
export async function settingsBeside(
  folder: string,
  layout: Layout,
  read: ReadText,
): Promise<ClipSettings | undefined> {
  const names = layout === "open-clip" || layout === "openai" ? MAIN_FILES : MAIN_FILES.toReversed();
  const main = await firstThere(names, read);
  if (main === undefined) return undefined;
  const pictures = "config.json" in main ? await firstThere(PICTURE_FILES, read) : {};
  return settingsOf(folder, { ...main, ...pictures });
}

/** The first of these files that exists, so that one which does not count cannot be in the way. */
async function firstThere(names: readonly (keyof ConfigTexts)[], read: ReadText): Promise<ConfigTexts | undefined> {
  for (const name of names) {
    const text = await read(name);
    if (text !== undefined) return { [name]: text };
  }
  return undefined;
}

const kindSchema = z.object({ model_type: z.string().optional(), architecture: z.string().optional() });

/** By Transformers' type of the model; CLIP's reader also says which there are. */
const READERS: Readonly<Record<string, typeof huggingFaceSettings>> = {
  siglip: siglipSettings,
  siglip_vision_model: siglipSettings,
  instructblip_vision_model: blipSettings,
  vit: vitSettings,
  dinov2: vitSettings,
  dinov2_with_registers: vitSettings,
};

function parsed(path: string, name: string, text: string): ConfigFile {
  try {
    return { path, json: JSON.parse(text) as unknown };
  } catch (error) {
    throw unreadable(path, name, error);
  }
}
