/** How large an evaluation is, and what it is made of. */
import type { Clip } from "../../models/clip/clip.js";

export interface EvalSettings {
  readonly clip: Clip;
  /** Of the runs; each draws scenes of its own and has an untrained model of its own. */
  readonly seeds: readonly number[];
  /** On all numbers of scenes: 1, or less for a quick look. */
  readonly scale: number;
  /** A model with the sizes of the one in question and random weights. */
  readonly untrained: (seed: number) => Promise<Clip>;
  /** Called with what is being measured. */
  readonly doing: (what: string) => void;
}

/** `count` scenes, fewer for a quick look. */
export const scaled = ({ scale }: EvalSettings, count: number): number => Math.max(40, Math.round(scale * count));
