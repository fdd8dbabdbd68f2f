/** The scene that is made here, with what can be undone. It lives as long as the page. */
import type { Scene } from "vitrine/scenes";
import { History } from "../../state/history.svelte.js";
import { added, doubled, removed, reordered } from "./changes.js";

const EMPTY: Scene = { background: "plain", style: "clean", seed: 0, objects: [] };
/** Milliseconds without a key after which presses of keys are one step to undo. */
const PAUSE = 500;

export class SceneEditor {
  /** Place of the chosen object. */
  selected = $state<number | undefined>(undefined);
  /** Whether a scene was ever opened. */
  begun = $state(false);

  /** The key of the picture that was taken up last: leaving the room and coming back must not take it up again. */
  taken: string | undefined;

  readonly #history = new History<Scene>(EMPTY);
  #draft = $state.raw<Scene | undefined>(undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;

  get scene(): Scene {
    return this.#draft ?? this.#history.present;
  }

  /** Whether something is on its way: the scene will be another one in a moment. */
  get moving(): boolean {
    return this.#draft !== undefined;
  }

  get canUndo(): boolean {
    return this.#history.canUndo || this.#draft !== undefined;
  }

  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  /** One step to undo. */
  change(scene: Scene): void {
    this.settle();
    if (scene !== this.#history.present) this.#history.push(scene);
    this.#keepSelection();
  }

  /** While something is dragged: no step until {@link settle}. */
  preview(scene: Scene): void {
    this.#draft = scene;
  }

  /** By a key that may be pressed again: a step once no more come. */
  nudge(scene: Scene): void {
    this.#draft = scene;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.settle();
    }, PAUSE);
  }

  settle(): void {
    clearTimeout(this.#timer);
    const draft = this.#draft;
    this.#draft = undefined;
    if (draft !== undefined && draft !== this.#history.present) this.#history.push(draft);
  }

  /** As it was before it was dragged. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#draft = undefined;
  }

  /** Another scene, with the first object chosen. */
  open(scene: Scene): void {
    this.change(scene);
    this.begun = true;
    this.selected = scene.objects.length === 0 ? undefined : scene.objects.length - 1;
  }

  undo(): void {
    this.settle();
    this.#history.undo();
    this.#keepSelection();
  }

  redo(): void {
    this.settle();
    this.#history.redo();
    this.#keepSelection();
  }

  add(): void {
    this.change(added(this.scene));
    this.selected = this.scene.objects.length - 1;
  }

  double(at: number): void {
    this.change(doubled(this.scene, at));
    this.selected = this.scene.objects.length - 1;
  }

  remove(at: number): void {
    this.change(removed(this.scene, at));
  }

  reorder(at: number, step: 1 | -1): void {
    const scene = reordered(this.scene, at, step);
    if (scene === this.scene) return;
    this.change(scene);
    this.selected = at + step;
  }

  #keepSelection(): void {
    const { length } = this.scene.objects;
    if (this.selected !== undefined && this.selected >= length) this.selected = length === 0 ? undefined : length - 1;
  }
}

export const editor = new SceneEditor();
