/** Who does the work for the rooms: a worker of this page, or the server that the page came from. */
import type { JobName, JobParams, JobResult, PictureInfo, Progress } from "vitrine/jobs";

export interface RunOptions {
  /** Aborting it ends the job; the promise is then rejected with an `AbortError`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What runs where, for the provenance line. */
export interface Surroundings {
  readonly kind: "browser" | "server";
  readonly device: "cpu" | "webgpu" | "cuda";
  readonly threads: number;
  /** Of the library. */
  readonly version: string;
  /** What a user should know, such as why there is one thread only. */
  readonly notice?: string;
}

export interface Backend {
  readonly surroundings: Surroundings;
  /** Resolved when nobody is there any more, where that can be told without asking. */
  readonly lost?: Promise<BackendError>;
  /** Hands a picture's file over. In a browser it stays in the page. Rejected with a {@link BackendError}. */
  addPicture(bytes: Uint8Array): Promise<PictureInfo>;
  /** Runs a job. Rejected with a {@link BackendError} or an `AbortError`. */
  run<N extends JobName>(name: N, params: JobParams<N>, options?: RunOptions): Promise<JobResult<N>>;
}

/** What went wrong, in the words of the library's errors. */
export class BackendError extends Error {
  override readonly name = "BackendError";
  /** The library's code, one page each in docs/errors; "lost" when worker or server is gone. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}
