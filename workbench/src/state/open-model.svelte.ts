/** Opens the chosen model, for all that the page must know of it. */
import { untrack } from "svelte";
import { connection, isAbort, isLost, messageOf, runJob } from "./backend.svelte.js";
import { type Selection, selection } from "./selection.svelte.js";

class Opening {
  /** Why the chosen model cannot be opened. */
  failure = $state<string | undefined>(undefined);
  #controller = new AbortController();

  /** To be called once, while the page is set up. */
  follow(): void {
    $effect(() => {
      if (connection.status !== "ready") return;
      const { model, family } = selection;
      untrack(() => {
        this.#open(model, family);
      });
      return () => {
        this.#controller.abort();
        this.failure = undefined;
        selection.info = undefined;
        selection.generator = undefined;
      };
    });
  }

  again(): void {
    this.#open(selection.model, selection.family);
  }

  #open(model: string, family: Selection["family"]): void {
    const controller = new AbortController();
    this.#controller = controller;
    this.failure = undefined;
    const options = { signal: controller.signal, title: `Opening ${model}` };
    const opened =
      family === "looks"
        ? runJob("model-info", { model }, options).then((info) => {
            selection.info = info;
          })
        : runJob("generator-info", { model }, options).then((info) => {
            selection.generator = info;
          });
    opened.catch((error: unknown) => {
      if (!controller.signal.aborted && !isAbort(error) && !isLost(error)) this.failure = messageOf(error);
    });
  }
}

export const opening = new Opening();
