import type { JobContext, JobControl } from "./job.js";
import { share, type SharedWork } from "./shared-work.js";

/** Of short work: it is finished in any case. */
const UNATTENDED: JobControl = { signal: new AbortController().signal, progress: () => undefined };

/** What was found before under this key, or what `find` gives now, for all jobs that wait for it; see {@link share}. */
export function kept<T>(
  { kept }: JobContext,
  key: string,
  find: (control: JobControl) => Promise<T>,
  control: JobControl = UNATTENDED,
): Promise<T> {
  return share(kept as Map<string, SharedWork<T>>, key, control, find);
}
