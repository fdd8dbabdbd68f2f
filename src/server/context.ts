/** What jobs work with on a server. */
import type { JobContext } from "../jobs/index.js";
import type { Limits } from "./limits.js";
import { type OfferedModels, ServedModels } from "./models.js";
import { StoredPictures } from "./pictures.js";

export interface ServerContext extends JobContext {
  readonly models: ServedModels;
}

/** Throws what `loadClip` throws of a model that is offered. */
export async function serverContext(offered: Omit<OfferedModels, "maxOpen">, limits: Limits): Promise<ServerContext> {
  return {
    models: await ServedModels.offering({ ...offered, maxOpen: limits.openModels }),
    pictures: new StoredPictures(limits),
    kept: new LimitedMap(limits.kept),
  };
}

/** Lets go of what was used longest ago. */
class LimitedMap extends Map<string, unknown> {
  readonly #capacity: number;

  constructor(capacity: number) {
    super();
    this.#capacity = capacity;
  }

  override get(key: string): unknown {
    const item = super.get(key);
    if (item !== undefined) {
      super.delete(key);
      super.set(key, item);
    }
    return item;
  }

  override set(key: string, item: unknown): this {
    super.delete(key);
    super.set(key, item);
    for (const oldest of this.keys()) {
      if (this.size <= this.#capacity) break;
      super.delete(oldest);
    }
    return this;
  }
}
