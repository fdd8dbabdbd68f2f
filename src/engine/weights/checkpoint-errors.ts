/** @file What can be wrong with a checkpoint as a whole: its folder, its index, its kind. */
import { VitrineError } from "../errors.js";

/** The folder holds no file that looks like weights. */
export class NoCheckpointError extends VitrineError {
  readonly code = "no-checkpoint";
}

/** The folder holds several files of weights, and none is the obvious one. */
export class AmbiguousCheckpointError extends VitrineError {
  readonly code = "ambiguous-checkpoint";
}

/** The file is of no format that holds weights for Vitrine. */
export class CheckpointFormatError extends VitrineError {
  readonly code = "checkpoint-format";
}

/** The index of a sharded checkpoint is not what its format promises. */
export class ShardIndexError extends VitrineError {
  readonly code = "shard-index";
}

/** The index names more files than any checkpoint has. */
export class ShardLimitError extends VitrineError {
  readonly code = "shard-limit";
}

/** The index names a file outside its own folder. */
export class ShardNameError extends VitrineError {
  readonly code = "shard-name";
}

/** A file that the index names does not exist. */
export class ShardMissingError extends VitrineError {
  readonly code = "shard-missing";
}

/** A tensor is not in the file where the index says it is. */
export class ShardTensorError extends VitrineError {
  readonly code = "shard-tensor";
}
