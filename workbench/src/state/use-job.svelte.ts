/** A job's result that follows its parameters, for components. */
import type { JobName, JobParams, JobResult } from "vitrine/jobs";
import { connection, isAbort, runJob } from "./backend.svelte.js";

export interface UseJobOptions {
  /** What is being done, for people: "Taking the picture apart". */
  readonly title?: string;
  /**
   * While something is dragged: the run on its way is finished and shown, and only the latest parameters come next. Without it a run
   * is aborted when its parameters are out of date.
   */
  readonly live?: boolean;
}

export class FollowedJob<N extends JobName> {
  /** The latest result; that of earlier parameters while `pending`. */
  value = $state.raw<JobResult<N> | undefined>(undefined);
  pending = $state(false);
  /** Why the latest run failed; it stands in the error bar as well. */
  error = $state.raw<unknown>(undefined);

  readonly name: N;

  constructor(name: N) {
    this.name = name;
  }
}

/**
 * Runs the job whenever what `params` reads has changed; undefined means that there is nothing to ask yet. To be called while a
 * component is set up.
 */
export function useJob<N extends JobName>(
  name: N,
  params: () => JobParams<N> | undefined,
  { title, live = false }: UseJobOptions = {},
): FollowedJob<N> {
  const job = new FollowedJob(name);
  let running = false;
  let waiting: JobParams<N> | undefined;
  const wanted = $derived.by(() => {
    const asked = params();
    return asked === undefined ? undefined : JSON.stringify(asked);
  });

  const run = async (asked: JobParams<N>, signal?: AbortSignal): Promise<void> => {
    job.pending = true;
    running = true;
    try {
      const options = { ...(signal && { signal }), ...(title !== undefined && { title }) };
      const result = await runJob(name, asked, options);
      if (signal?.aborted) return;
      job.value = result;
      job.error = undefined;
    } catch (error) {
      if (signal?.aborted) return;
      if (!isAbort(error)) job.error = error;
    }
    running = false;
    const next = waiting;
    waiting = undefined;
    if (next === undefined) job.pending = false;
    else await run(next);
  };

  $effect(() => {
    if (connection.status !== "ready") {
      job.pending = connection.status === "connecting" && wanted !== undefined;
      running = false;
      return;
    }
    if (wanted === undefined) {
      job.value = undefined;
      job.pending = false;
      return;
    }
    const asked = JSON.parse(wanted) as JobParams<N>;
    if (live) {
      if (running) waiting = asked;
      else void run(asked);
      return;
    }
    const controller = new AbortController();
    void run(asked, controller.signal);
    return () => {
      controller.abort();
    };
  });
  return job;
}
