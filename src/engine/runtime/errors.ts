import { EXIT_USAGE, VitrineError } from "../errors.js";

/** The device asked for cannot run programs on this machine. */
export class DeviceUnavailableError extends VitrineError {
  readonly code = "device-unavailable";
  override readonly exitCode = EXIT_USAGE;
}

/** An input of a program is missing, or has the wrong shape or element type. */
export class ProgramInputError extends VitrineError {
  readonly code = "program-input";
}

/** The runtime could not make or run a program. */
export class RuntimeFailure extends VitrineError {
  readonly code = "runtime-failure";
}

/** A file that weights are mapped from is not the one it was when the model was loaded. */
export class WeightsChangedError extends VitrineError {
  readonly code = "weights-changed";
}

/** A model was used after it was disposed of. */
export class DisposedError extends VitrineError {
  readonly code = "disposed";
}

/** What ONNX Runtime threw, as a {@link RuntimeFailure}. */
export function runtimeFailure(what: string, cause: unknown): RuntimeFailure {
  const got = cause instanceof Error ? firstLine(cause) : String(cause);
  return new RuntimeFailure({ what, got, fix: "report it with the output of --debug", cause });
}

/** Of an error of ONNX Runtime: what it says, without where in its source. */
export function firstLine(error: Error): string {
  return error.message.split("\n")[0]!.replace(/^.*was false\. /, "");
}
