/** What defines a vision-language model beside its weights. */
import type { LanguageConfig } from "../language/config.js";
import type { TowerTokensOptions } from "./tower-tokens.js";

export interface VlmConfig {
  readonly language: LanguageConfig;
  /** Which tokens of the tower are made image tokens of; see `towerTokens`. */
  readonly tower: { readonly layer: TowerTokensOptions["layer"]; readonly withPrefix: boolean };
  /** Whether pictures are made square with a border of the mean colour, instead of cropped. */
  readonly padToSquare: boolean;
  /** What the model reads: `<image>` stands for the picture, `{question}` for what is asked. */
  readonly prompt: string;
  /** Where and how much to erase, and what to take for hallucinated: chosen on scenes that are not reported on. */
  readonly erase?: EraseDefaults;
  /** How far beliefs are read, chosen like that too: 0 for image tokens as the projector gives them, n for what block n-1 leaves. All, by default. */
  readonly belief?: { readonly lastLayer: number };
}

/** See `AutoErase` of the captions method. */
export interface EraseDefaults {
  readonly layer: number;
  readonly textLayer: number;
  readonly alpha: number;
  readonly threshold: number;
}

/** The prompt of LLaVA-1.5 and of Vicuna, which it is made from. */
export const VICUNA_PROMPT =
  "A chat between a curious user and an artificial intelligence assistant. " +
  "The assistant gives helpful, detailed, and polite answers to the user's questions. USER: <image>\n{question} ASSISTANT:";

/** Of InstructBLIP: its queries come before all else, its start token too. */
export const INSTRUCTBLIP_PROMPT = "<image>{question}";

/** What is asked when nothing is: of Jiang et al. 2025. */
export const DEFAULT_QUESTION = "Write a detailed description.";
