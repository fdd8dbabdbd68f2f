/** What is looked at: the one selection that every panel reads and writes. */
import type { GeneratorInfo, ModelInfo } from "./backend-types.js";
import { type Edits, NO_EDITS } from "./edits.js";
import { History } from "./history.svelte.js";
import { type Picture, pictureKey } from "./picture.js";

export type Theme = "system" | "light" | "dark";
/** For values of one sign, or as a check of another; signed values always take a diverging map centred on 0. */
export type ColourMapName = "viridis" | "cividis" | "magma" | "grey";

export interface AbsentPicture {
  readonly picture: Picture & { readonly ref: { readonly picture: string } };
  /** What it is in the view. */
  readonly role: "picture" | "second" | undefined;
}

export const COLOUR_MAPS: readonly ColourMapName[] = ["viridis", "cividis", "magma", "grey"];
/** What a room does with its model: look at pictures with it, or have it make some. */
export type Family = "looks" | "makes";

export class Selection {
  /** Of rooms by their ids; told by who knows the rooms. */
  familyOf: (room: string) => Family = () => "looks";
  readonly #models = $state<Record<Family, string>>({ looks: "clip-scenes", makes: "ign-glyphs" });

  /** Sizes of the model; undefined until it is open, and of one that makes pictures. */
  info = $state.raw<ModelInfo | undefined>(undefined);
  /** The same of a model that makes pictures. */
  generator = $state.raw<GeneratorInfo | undefined>(undefined);

  pictures = $state.raw<readonly Picture[]>([]);
  /** The key of the picture that is looked at, and of the one it is compared with. */
  pictureId = $state<string | undefined>(undefined);
  secondId = $state<string | undefined>(undefined);

  /** Files that a link asked for and that are not on this machine, or not yet. */
  absent = $state.raw<readonly AbsentPicture[]>([]);

  texts = $state.raw<readonly string[]>([]);
  text = $state<string | undefined>(undefined);
  /** The text that `text` is contrasted with. */
  against = $state<string | undefined>(undefined);

  layer = $state(0);
  head = $state(0);
  neuron = $state(0);
  /** The patch under the pointer or cursor, row by row; and the one that stays. */
  patch = $state<number | undefined>(undefined);
  pinned = $state<number | undefined>(undefined);

  room = $state("start");
  colourMap = $state<ColourMapName>("viridis");
  theme = $state<Theme>("system");
  seed = $state(0);

  readonly #edits = new History<Edits>(NO_EDITS);

  get family(): Family {
    return this.familyOf(this.room);
  }

  /** The model of the room's family: each keeps its own. */
  get model(): string {
    return this.#models[this.family];
  }

  set model(ref: string) {
    this.#models[this.family] = ref;
  }

  /** What is known of the model once it is open, whatever it does. */
  get opened(): ModelInfo | GeneratorInfo | undefined {
    return this.family === "makes" ? this.generator : this.info;
  }

  get picture(): Picture | undefined {
    return this.#pictureOf(this.pictureId);
  }

  get second(): Picture | undefined {
    return this.#pictureOf(this.secondId);
  }

  /** The patch to point out: the one hovered, else the pinned one. */
  get shownPatch(): number | undefined {
    return this.patch ?? this.pinned;
  }

  /** Pins a patch, or lets go of the pinned one. */
  togglePin(patch: number | undefined): void {
    this.pinned = this.pinned === patch ? undefined : patch;
  }

  get edits(): Edits {
    return this.#edits.present;
  }

  get history(): Pick<History<Edits>, "canUndo" | "canRedo" | "undo" | "redo"> {
    return this.#edits;
  }

  edit(change: (edits: Edits) => Edits): void {
    this.#edits.push(change(this.#edits.present));
  }

  /** As a link says; nothing to undo. */
  resetEdits(edits: Edits = NO_EDITS): void {
    this.#edits.reset(edits);
  }

  /** Adds a picture, or finds it, and looks at it; one that a link asked for takes its place in the view. */
  addPicture(picture: Picture): void {
    const key = pictureKey(picture.ref);
    if (!this.pictures.some(({ ref }) => pictureKey(ref) === key)) this.pictures = [...this.pictures, picture];
    const awaited = this.absent.find(({ picture: { ref } }) => ref.picture === key);
    if (awaited) this.absent = this.absent.filter((one) => one !== awaited);
    if (awaited?.role === "second") this.secondId = key;
    else if (awaited === undefined || awaited.role === "picture" || this.pictureId === undefined) this.pictureId = key;
    if (this.secondId === this.pictureId) this.secondId = undefined;
  }

  removePicture(key: string): void {
    const at = this.pictures.findIndex(({ ref }) => pictureKey(ref) === key);
    if (at < 0) return;
    this.pictures = this.pictures.toSpliced(at, 1);
    if (this.secondId === key) this.secondId = undefined;
    if (this.pictureId !== key) return;
    const next = this.pictures[Math.min(at, this.pictures.length - 1)];
    this.pictureId = next && pictureKey(next.ref);
    if (this.secondId === this.pictureId) this.secondId = undefined;
  }

  /** In the same place: a scene that is being edited. */
  replacePicture(key: string, picture: Picture): void {
    const replacement = pictureKey(picture.ref);
    this.pictures = this.pictures.map((one) => (pictureKey(one.ref) === key ? picture : one));
    if (this.pictureId === key) this.pictureId = replacement;
    if (this.secondId === key) this.secondId = replacement;
  }

  /** Adds a text, or finds it, and chooses it. */
  addText(text: string): void {
    const trimmed = text.trim().replace(/\s+/g, " ");
    if (trimmed === "") return;
    if (!this.texts.includes(trimmed)) this.texts = [...this.texts, trimmed];
    this.chooseText(trimmed);
  }

  chooseText(text: string): void {
    this.text = text;
    if (this.against === text) this.against = undefined;
  }

  removeText(text: string): void {
    const at = this.texts.indexOf(text);
    if (at < 0) return;
    this.texts = this.texts.toSpliced(at, 1);
    if (this.against === text) this.against = undefined;
    if (this.text !== text) return;
    this.text = this.texts[Math.min(at, this.texts.length - 1)];
    if (this.against === this.text) this.against = undefined;
  }

  contrastWith(text: string | undefined): void {
    this.against = text === this.text ? undefined : text;
  }

  #pictureOf(key: string | undefined): Picture | undefined {
    return this.pictures.find(({ ref }) => pictureKey(ref) === key);
  }
}

/** The page's selection. */
export const selection = new Selection();
