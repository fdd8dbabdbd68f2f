/** Where checkpoints of vision-language models keep their parts. */
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { type Checkpoint, checkpointOf } from "../../engine/weights/checkpoint.js";
import { WrongFamilyError } from "../clip/errors.js";
import type { TensorSource } from "../clip/tensor-source.js";
import type { LanguageNames } from "../language/layout.js";
import type { ProjectorWeights } from "./projector.js";
import { hasQueryFormer } from "./query-former-layout.js";

export interface VlmLayout {
  readonly name: "hugging-face" | "llava" | "instructblip";
  readonly language: LanguageNames;
  /** Names of the two linear maps; undefined where a Q-Former stands in their place. */
  readonly projector?: readonly [string, string];
  /** What the tower's names begin with; undefined where it is another checkpoint. */
  readonly tower?: string;
}

interface LlavaLayout extends VlmLayout {
  readonly projector: readonly [string, string];
}

const LAYOUTS: readonly LlavaLayout[] = [
  {
    name: "hugging-face",
    language: { prefix: "language_model.model.", head: "language_model.lm_head.weight" },
    projector: ["multi_modal_projector.linear_1", "multi_modal_projector.linear_2"],
    tower: "vision_tower.",
  },
  {
    // As Transformers has named them in memory since 2025.
    name: "hugging-face",
    language: { prefix: "model.language_model.", head: "lm_head.weight" },
    projector: ["model.multi_modal_projector.linear_1", "model.multi_modal_projector.linear_2"],
    tower: "model.vision_tower.",
  },
  {
    name: "llava",
    language: { prefix: "model.", head: "lm_head.weight" },
    projector: ["model.mm_projector.0", "model.mm_projector.2"],
  },
];

const INSTRUCTBLIP: VlmLayout = {
  name: "instructblip",
  language: { prefix: "language_model.model.", head: "language_model.lm_head.weight" },
  tower: "vision_model.",
};

function layoutOf(checkpoint: Checkpoint): VlmLayout | undefined {
  if (hasQueryFormer({ has: (name) => checkpoint.has(name), names: () => checkpoint.names() })) return INSTRUCTBLIP;
  return LAYOUTS.find(({ projector: [first] }) => checkpoint.has(`${first}.weight`));
}

/** Whether something in it brings pictures into a language model. */
export const hasProjector = (checkpoint: Checkpoint): boolean => layoutOf(checkpoint) !== undefined;

/** Throws `WrongFamilyError` for a checkpoint with neither a projector nor a Q-Former. */
export function vlmLayout(checkpoint: Checkpoint): VlmLayout {
  const layout = layoutOf(checkpoint);
  if (layout !== undefined) return layout;
  const names = checkpoint.names();
  throw new WrongFamilyError({
    what: "no vision-language model: nothing brings pictures into the language model",
    where: checkpoint.path,
    got: `${names.length} tensors such as ${names.slice(0, 3).join(", ") || "none"}`,
    expected: `a projector of two linear maps, such as ${LAYOUTS[0]!.projector[0]}.weight, or a Q-Former`,
    fix: "point --model at a LLaVA-1.5, a model built like it, or an InstructBLIP",
  });
}

/** Throws `MissingTensorError`, `WeightShapeError`. */
export function projectorWeights(
  { take, has }: TensorSource<StoredTensor>,
  [first, second]: LlavaLayout["projector"],
  towerWidth: number,
  width: number,
): ProjectorWeights<StoredTensor> {
  const linear = (name: string, from: number) => ({
    weight: take(`${name}.weight`, [width, from]),
    ...(has(`${name}.bias`) ? { bias: take(`${name}.bias`, [width]) } : {}),
  });
  return { fc1: linear(first, towerWidth), fc2: linear(second, width) };
}

/** The tensors whose names begin with `prefix`, without it. */
export function subCheckpoint(checkpoint: Checkpoint, prefix: string): Checkpoint {
  const names = checkpoint.names().filter((name) => name.startsWith(prefix));
  return checkpointOf({
    path: checkpoint.path,
    metadata: checkpoint.metadata,
    files: checkpoint.files,
    tensors: new Map(names.map((name) => [name.slice(prefix.length), checkpoint.get(name)])),
    unsupported: new Map(),
  });
}
