/** The picture that is drawn on, with what can be undone. One for each model, for as long as the page lives. */
import { History } from "../../state/history.svelte.js";
import type { Origin } from "./origin.js";
import { begun, drawn, type Form, inked, type Point, type Stroke } from "./paint.js";

/** A picture at the model's size. */
export interface Canvas {
  /** [S,S,C], from 0 to 255. */
  readonly levels: Uint8Array;
  readonly origin: Origin;
  /** Whether dark and bright were swapped since it was opened. */
  readonly inverted: boolean;
  /** Whether it was drawn on since. */
  readonly drawn: boolean;
  /** What was done to the picture that it came from, in words. */
  readonly notice?: string;
}

/** Level of what there is no ink on, and of what is erased: generators of grey pictures know bright ink on dark. */
export const paperOf = ({ channels }: Form): number => (channels === 1 ? 0 : 128);

export class PictureEditor {
  readonly form: Form;
  /** The picture among those above that was taken up last: leaving the room and coming back must not take it up again. */
  taken: string | undefined;
  /** Where the brush stands for the keyboard. */
  cursor: Point;

  readonly #history = new History<Canvas | undefined>(undefined);
  #stroke = $state.raw<Stroke | undefined>(undefined);

  constructor(form: Form, taken: string | undefined) {
    this.form = form;
    this.taken = $state(taken);
    const middle = Math.floor(form.size / 2) + 0.5;
    this.cursor = $state.raw({ x: middle, y: middle });
  }

  /** Undefined until something was opened. */
  get canvas(): Canvas | undefined {
    const { present } = this.#history;
    return this.#stroke && present ? { ...present, levels: inked(this.#stroke), drawn: true } : present;
  }

  /** Whether the brush is down. */
  get drawing(): boolean {
    return this.#stroke !== undefined;
  }

  get canUndo(): boolean {
    return this.#history.canUndo || this.drawing;
  }

  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  /** One step to undo, but for the first picture. */
  open(canvas: Omit<Canvas, "inverted" | "drawn">): void {
    this.lift();
    const opened = { ...canvas, inverted: false, drawn: false };
    if (this.#history.present === undefined) this.#history.reset(opened);
    else this.#history.push(opened);
  }

  blank(): void {
    this.open({ ...this.empty, origin: { kind: "blank" } });
  }

  /** A picture without ink. */
  get empty(): Pick<Canvas, "levels"> {
    const { size, channels } = this.form;
    return { levels: new Uint8Array(size * size * channels).fill(paperOf(this.form)) };
  }

  invert(): void {
    this.lift();
    const { present } = this.#history;
    if (present === undefined) return;
    this.#history.push({
      ...present,
      levels: present.levels.map((level) => 255 - level),
      inverted: !present.inverted,
    });
  }

  /** Sets the brush down. */
  press(at: Point, radius: number, ink: readonly number[]): void {
    this.lift();
    const { present } = this.#history;
    if (present !== undefined) this.#stroke = begun(present.levels, this.form, at, radius, ink);
  }

  /** Draws on to a place, where the brush is down. */
  pull(to: Point): void {
    if (this.#stroke !== undefined) this.#stroke = drawn(this.#stroke, this.form, to);
  }

  /** Lifts the brush: a step to undo, where anything was drawn. */
  lift(): void {
    const { canvas } = this;
    if (this.#stroke === undefined || canvas === undefined) return;
    const before = this.#stroke.under;
    this.#stroke = undefined;
    if (canvas.levels.some((level, i) => level !== before[i])) this.#history.push(canvas);
  }

  /** Lifts the brush, and nothing was drawn. */
  cancel(): boolean {
    const was = this.drawing;
    this.#stroke = undefined;
    return was;
  }

  undo(): void {
    if (!this.cancel()) this.#history.undo();
  }

  redo(): void {
    this.lift();
    this.#history.redo();
  }
}
