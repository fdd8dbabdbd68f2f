/** One job that was asked for: its state, who listens to it, and when nobody waits for it any more. */
import { randomUUID } from "node:crypto";
import type { JobControl, Progress } from "../jobs/index.js";
import type { Limits } from "./limits.js";

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** How a job ended. */
export type Outcome =
  | { readonly state: "done"; readonly result: Buffer }
  | { readonly state: "failed"; readonly error: Failure }
  | { readonly state: "cancelled" };

export interface Listener {
  progress(progress: Progress): void;
  /** The last that it hears. */
  ended(outcome: Outcome): void;
}

/** What a job says of itself, but for its result. */
export interface JobReport {
  readonly id: string;
  readonly job: string;
  readonly state: "waiting" | "running" | Outcome["state"];
  readonly progress?: Progress;
}

export class ServedJob {
  readonly id = randomUUID();
  readonly name: string;
  readonly params: unknown;
  readonly #limits: Limits;
  readonly #onAbandoned: () => void;
  readonly #abort = new AbortController();
  readonly #listeners = new Set<Listener>();
  #state: "waiting" | "running" | Outcome = "waiting";
  #progress: Progress | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `onAbandoned` is called when nobody waits for it any more: to be cancelled, or once it has ended, to be forgotten. */
  constructor(name: string, params: unknown, limits: Limits, onAbandoned: () => void) {
    this.name = name;
    this.params = params;
    this.#limits = limits;
    this.#onAbandoned = onAbandoned;
    this.#wait(limits.unheard);
  }

  /** What the job's function is given. */
  readonly control: JobControl = {
    signal: this.#abort.signal,
    progress: (progress) => {
      if (this.outcome !== undefined) return;
      this.#progress = progress;
      for (const listener of this.#listeners) listener.progress(progress);
    },
  };

  get outcome(): Outcome | undefined {
    return typeof this.#state === "string" ? undefined : this.#state;
  }

  /** Bytes that are held for it once it has ended. */
  get bytes(): number {
    return this.outcome?.state === "done" ? this.outcome.result.length : 0;
  }

  report(): JobReport {
    const state = typeof this.#state === "string" ? this.#state : this.#state.state;
    const progress = this.#progress === undefined || this.outcome !== undefined ? {} : { progress: this.#progress };
    return { id: this.id, job: this.name, state, ...progress };
  }

  start(): void {
    this.#state = "running";
    this.#progress = undefined;
  }

  /** Later outcomes are of no account. */
  end(outcome: Outcome): void {
    if (this.outcome !== undefined) return;
    this.#state = outcome;
    if (outcome.state !== "done") this.#abort.abort();
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    this.#wait(listeners.length > 0 ? this.#limits.keptRead : this.#limits.keptUnread);
    for (const listener of listeners) listener.ended(outcome);
  }

  /** Tells `listener` what there is to tell, at once and from now on. Returns what ends the listening, or undefined when there are too many. */
  listen(listener: Listener): (() => void) | undefined {
    if (this.#listeners.size >= this.#limits.listeners) return undefined;
    if (this.outcome !== undefined) {
      this.#wait(this.#limits.keptRead);
      listener.ended(this.outcome);
      return () => undefined;
    }
    this.#listeners.add(listener);
    clearTimeout(this.#timer);
    if (this.#progress !== undefined) listener.progress(this.#progress);
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#wait(this.#limits.deserted);
    };
  }

  /** Its state was asked for: who asks does wait. */
  asked(): void {
    if (this.outcome !== undefined) this.#wait(this.#limits.keptRead);
    else if (this.#listeners.size === 0) this.#wait(this.#limits.unheard);
  }

  forget(): void {
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onAbandoned, milliseconds).unref();
  }
}
