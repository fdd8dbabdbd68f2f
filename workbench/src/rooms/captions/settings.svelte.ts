/** What is set in this room; kept while the page lives, and held by links. */
import type { ModelInfo } from "../../state/backend-types.js";
import { pictureKey } from "../../state/picture.js";
import { type Selection, selection } from "../../state/selection.svelte.js";
import { type LinkSettings, numberWithin, oneOf, unusual } from "../../state/link-settings.js";

export type EraseDefaults = NonNullable<ModelInfo["captions"]>["erase"];
export type Norm = "none" | "final";
/** Beyond them no link is followed. */
const MOST_LAYERS = 1000;
const MOST_ALPHA = 100;

/** What erased words belong to: the model and the picture, be it a file that is not here yet. */
export function keyOf({ model, picture, absent }: Selection): string | undefined {
  const ref = (picture ?? absent.find(({ role }) => role === "picture")?.picture)?.ref;
  return ref && `${model} ${pictureKey(ref)}`;
}

class Settings {
  /** Undefined: what the model's own configuration says. */
  layer = $state<number | undefined>(undefined);
  textLayer = $state<number | undefined>(undefined);
  alpha = $state<number | undefined>(undefined);
  threshold = $state<number | undefined>(undefined);
  joint = $state(false);
  norm = $state<Norm>("none");
  /** Whether all words are erased that the model believes in less than the threshold. */
  auto = $state(false);
  /** Words that were pressed, of one picture and model. */
  erased = $state.raw<{ readonly of: string; readonly words: readonly string[] }>({ of: "", words: [] });
  /** The word under the pointer or with the focus, and the one that stays. */
  pointed = $state<string | undefined>(undefined);
  chosen = $state<string | undefined>(undefined);
  /** Of the lens: 0 for the embeddings, n for what block n-1 leaves; undefined is the last. */
  lensLayer = $state<number | undefined>(undefined);

  write(): LinkSettings {
    return unusual({
      layer: [this.layer],
      "text-layer": [this.textLayer],
      alpha: [this.alpha],
      threshold: [this.threshold],
      joint: [Number(this.joint), 0],
      norm: [this.norm, "none"],
      auto: [Number(this.auto), 0],
      erased: [this.auto ? "" : this.erasedOf(keyOf(selection) ?? "").join("."), ""],
      lens: [this.lensLayer],
    });
  }

  read(link: LinkSettings): void {
    const layer = (name: string): number | undefined => {
      // -1 is what the first block gets.
      const value = numberWithin(link[name], -1, MOST_LAYERS);
      return value === undefined ? undefined : Math.round(value);
    };
    this.layer = layer("layer");
    this.textLayer = layer("text-layer");
    this.alpha = numberWithin(link["alpha"], 0, MOST_ALPHA);
    this.threshold = numberWithin(link["threshold"], 0, 1);
    this.joint = link["joint"] === "1";
    this.norm = oneOf(link["norm"], ["none", "final"]) ?? "none";
    this.auto = link["auto"] === "1";
    this.lensLayer = layer("lens");
    this.erased = { of: keyOf(selection) ?? "", words: (link["erased"] ?? "").split(".").filter(Boolean) };
  }

  get isChanged(): boolean {
    return [this.layer, this.textLayer, this.alpha, this.threshold].some((value) => value !== undefined) || this.joint;
  }

  reset(): void {
    this.layer = this.textLayer = this.alpha = this.threshold = undefined;
    this.joint = false;
  }

  /** All of it, with what the model says where nothing is set. */
  erasing({ layer, textLayer, alpha, threshold }: EraseDefaults): Required<Erasing> {
    return {
      layer: this.layer ?? layer,
      textLayer: this.textLayer ?? textLayer,
      alpha: this.alpha ?? alpha,
      threshold: this.threshold ?? threshold,
      joint: this.joint,
    };
  }

  erasedOf(key: string): readonly string[] {
    return this.erased.of === key ? this.erased.words : [];
  }

  /** Erases a word, or no longer; `now` are those that are erased. */
  toggle(key: string, now: readonly string[], word: string): void {
    this.auto = false;
    this.erased = { of: key, words: now.includes(word) ? now.filter((other) => other !== word) : [...now, word] };
  }
}

export interface Erasing {
  readonly layer: number;
  readonly textLayer: number;
  readonly alpha: number;
  readonly threshold: number;
  readonly joint: boolean;
}

export const settings = new Settings();
