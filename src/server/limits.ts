/** How much the server takes on. Times are in milliseconds, sizes in bytes. */
export interface Limits {
  /** Of a picture's file. */
  readonly pictureBytes: number;
  /** Width · height of a picture. */
  readonly pixels: number;
  /** Of a job's parameters. */
  readonly paramsBytes: number;
  /** Pictures that are taken in at the same time. */
  readonly uploads: number;
  /** Jobs that wait for the one that runs. */
  readonly waiting: number;
  /** Finished jobs that are kept, and what their results may take in all; the last one is always kept. */
  readonly finished: number;
  readonly resultBytes: number;
  /** How long a result is kept when nobody has fetched it, and when somebody has. */
  readonly keptUnread: number;
  readonly keptRead: number;
  /** How long a job goes on with nobody listening: after it was asked for, or its state was; and after its last listener left. */
  readonly unheard: number;
  readonly deserted: number;
  /** Between signs of life to listeners. */
  readonly heartbeat: number;
  /** Who may listen to one job. */
  readonly listeners: number;
  readonly connections: number;
  /** For a request to arrive as a whole. */
  readonly request: number;
  /** What pictures may take: as files, and once more decoded. The last one is always kept. */
  readonly keptPictureBytes: number;
  readonly keptPixelBytes: number;
  readonly openModels: number;
  /** Entries that jobs keep for the next time, such as the words of heads. Jobs bound their own; this is the last bound. */
  readonly kept: number;
  /** How long stopping waits for a job that is between two looks at its signal. */
  readonly stopping: number;
}

const MB = 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  pictureBytes: 25 * MB,
  pixels: 64_000_000,
  paramsBytes: MB,
  uploads: 4,
  waiting: 32,
  finished: 16,
  resultBytes: 256 * MB,
  keptUnread: 120_000,
  keptRead: 10_000,
  unheard: 30_000,
  deserted: 5_000,
  heartbeat: 10_000,
  listeners: 8,
  connections: 256,
  request: 60_000,
  keptPictureBytes: 256 * MB,
  keptPixelBytes: 256 * MB,
  openModels: 3,
  kept: 512,
  stopping: 10_000,
};
