/**
 * Runs programs with ONNX Runtime in Node.
 */
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import * as ort from "onnxruntime-node";
import { encodeOnnx } from "../graph/onnx.js";
import type { DType } from "../tensor/dtype.js";
import type { Tensor, TensorData } from "../tensor/tensor.js";
import { DeviceUnavailableError, firstLine, runtimeFailure } from "./errors.js";
import { identifyWeights } from "./identify-weights.js";
import { REWRITES_LEFT_OUT } from "./rewrites.js";
import { placeWeights } from "./place-weights.js";
import type { Device, Runtime, Session } from "./session.js";

// ONNX Runtime 1.30 reports its use, command line included, to its maker; and its search through a command line of some
// 25,000 characters (a thousand pictures) overflows the stack. It reads this when the first session is made.
process.env["ORT_DISABLE_TELEMETRY"] = "1";

const QUIET = 4;
// What goes wrong outside sessions (a device's library that is missing) is thrown as well; logged, it would be told twice.
ort.env.logLevel = "fatal";

export const runtime: Runtime = {
  identify(graph) {
    const { weights, ...rest } = graph;
    const model = encodeOnnx({ ...rest, initializers: rest.constants });
    return Promise.resolve(createHash("sha256").update(model).update(identifyWeights(weights)).digest("hex"));
  },

  async createSession(graph, device) {
    checkBundled(device);
    const { folder, initializers, buffers } = await placeWeights(graph.weights);
    const model = encodeOnnx({ ...graph, initializers: [...graph.constants, ...initializers] });
    const options: ort.InferenceSession.SessionOptions = {
      executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
      graphOptimizationLevel: "basic",
      intraOpNumThreads: availableParallelism(),
      // Planned ahead, all of a run's values lie in one block that never shrinks: half as much again as is ever alive at once.
      enableMemPattern: false,
      logSeverityLevel: QUIET,
      externalData: buffers,
      extra: {
        session: folder === undefined ? {} : { model_external_initializers_file_folder_path: folder },
        optimization: { disable_specified_optimizers: REWRITES_LEFT_OUT.join(";") },
      },
    };
    try {
      return wrap(await ort.InferenceSession.create(model, options));
    } catch (error) {
      throw device === "cpu" ? runtimeFailure("cannot make a program", error) : deviceError(device, error);
    }
  },
};

function wrap(session: ort.InferenceSession): Session {
  return {
    async run(inputs, into) {
      const feeds = Object.entries(inputs).map(([name, tensor]) => [name, fromHost(tensor)] as const);
      const fetches = Object.entries(into).map(([name, tensor]) => [name, tensor ? fromHost(tensor) : null] as const);
      try {
        const results = await session.run(Object.fromEntries(feeds), Object.fromEntries(fetches));
        discard(
          Object.keys(results)
            .filter((name) => into[name] !== undefined)
            .map((name) => results[name]!),
        );
        const found = Object.entries(results).map(([name, result]) => [name, into[name] ?? toHost(result)] as const);
        return Object.fromEntries(found);
      } catch (error) {
        throw runtimeFailure("a program failed while running", error);
      }
    },
    release: () => session.release(),
  };
}

/** Shares the data: inputs are read, and results written, where they lie. */
function fromHost({ dtype, data, shape }: Tensor): ort.Tensor {
  return new ort.Tensor(dtype, data, shape);
}

/**
 * ONNX Runtime writes into the tensors it was given, and makes a copy of each besides. Their memory is let go at once, not
 * when the garbage collector comes to it: at every step of training they are as large as the model.
 */
function discard(copies: readonly ort.Tensor[]): void {
  if (copies.length === 0) return;
  if (!keepsFreedMemory) {
    free([new ArrayBuffer(LARGEST_MAPPED_BYTES)]);
    keepsFreedMemory = true;
  }
  free(copies.map(({ data }) => (data as Float32Array<ArrayBuffer>).buffer));
}

/**
 * glibc gives large blocks back to the system, which clears their pages anew for the copies of the next step: a tenth of a
 * step of wide layers. It stops doing so up to the size of the largest block that was given back (mallopt(3), M_MMAP_THRESHOLD),
 * which is at most 32 MiB; with other allocators this does nothing.
 */
let keepsFreedMemory = false;
const LARGEST_MAPPED_BYTES = 32 * 2 ** 20 - 65536;

/** Buffers that are sent where nobody listens are freed. */
function free(buffers: ArrayBuffer[]): void {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(undefined, buffers);
  port1.close();
  port2.close();
}

function toHost(result: ort.Tensor): Tensor {
  return { dtype: result.type as DType, shape: result.dims, data: result.data as TensorData[DType] };
}

function checkBundled(device: Device): void {
  const known = ort.listSupportedBackends().find(({ name }) => name === device);
  if (known === undefined) throw deviceError(device, undefined);
}

function deviceError(device: Device, cause: unknown): DeviceUnavailableError {
  const reason = cause instanceof Error ? firstLine(cause) : "this build of ONNX Runtime does not know it";
  return new DeviceUnavailableError({
    what: `the device "${device}" cannot be used on this machine`,
    got: reason,
    fix: device === "cuda" ? `${CUDA_HELP}, or use --device cpu` : "use --device cpu",
    cause,
  });
}

const CUDA_HELP =
  "install its libraries with `npm rebuild onnxruntime-node --ignore-scripts=false --onnxruntime-node-install=cuda12`";
