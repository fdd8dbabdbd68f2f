/** What is set in this room; kept while the page lives. */
import type { ModelInfo } from "../../state/backend-types.js";

export type EraseDefaults = NonNullable<ModelInfo["captions"]>["erase"];
export type Norm = "none" | "final";

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
