/**
 * Runs programs with ONNX Runtime in a browser, best in a worker: WebAssembly on the CPU, WebGPU where there is one.
 *
 * @file The package `onnxruntime-web` is the user's own (an optional peer), and its `.wasm` files are theirs to serve: {@link configureWebRuntime}
 * says where they lie.
 */
import type * as Ort from "onnxruntime-web";
import { encodeOnnx, type OnnxTensor } from "../graph/onnx.js";
import { sha256 } from "../sha256.js";
import type { DType } from "../tensor/dtype.js";
import type { StoredTensor } from "../tensor/stored.js";
import type { Tensor, TensorData } from "../tensor/tensor.js";
import { DeviceUnavailableError, firstLine, runtimeFailure } from "./errors.js";
import { identifyWeights } from "./identify-weights.js";
import { REWRITES_LEFT_OUT } from "./rewrites.js";
import type { Device, Runtime, Session } from "./session.js";

export interface WebRuntimeSettings {
  /** Addresses of the parts of ONNX Runtime for WebAssembly (`wasm`) and for WebGPU. */
  readonly cpu: WasmFiles;
  readonly webgpu?: WasmFiles;
  /** 1 where the page is not cross-origin isolated, whatever is asked for; by default half the cores, 4 at most: the page needs one too. */
  readonly threads?: number;
}

export interface WasmFiles {
  readonly mjs: string;
  readonly wasm: string;
}

let settings: WebRuntimeSettings | undefined;

/** Says where ONNX Runtime's files lie. Call it once, before the first model is used. */
export function configureWebRuntime(chosen: WebRuntimeSettings): void {
  settings = chosen;
}

/** Threads that programs run on: more than one needs memory that is shared, which isolated pages alone have. */
export function webThreads(): number {
  const page = globalThis as { crossOriginIsolated?: boolean; navigator?: { hardwareConcurrency?: number } };
  if (page.crossOriginIsolated !== true) return 1;
  return settings?.threads ?? Math.max(1, Math.min(4, Math.ceil((page.navigator?.hardwareConcurrency ?? 1) / 2)));
}

export const runtime: Runtime = {
  async identify(graph) {
    const { weights, ...rest } = graph;
    const model = encodeOnnx({ ...rest, initializers: rest.constants });
    return `${await sha256(new Uint8Array(model))} ${identifyWeights(weights)}`;
  },

  async createSession(graph, device) {
    const ort = await loaded(device);
    const buffers: { readonly path: string; readonly data: Uint8Array }[] = [];
    const initializers = graph.weights.map(({ name, type, stored }): OnnxTensor => {
      const data = bytesOf(stored);
      const path = `buffer/${name}`;
      buffers.push({ path, data });
      return { name, type, shape: stored.shape, data: { location: path, offset: 0, length: data.length } };
    });
    const model = encodeOnnx({ ...graph, initializers: [...graph.constants, ...initializers] });
    try {
      const options: Ort.InferenceSession.SessionOptions = {
        executionProviders: device === "webgpu" ? ["webgpu", "wasm"] : ["wasm"],
        graphOptimizationLevel: "basic",
        enableMemPattern: false,
        logSeverityLevel: QUIET,
        externalData: buffers,
        extra: { optimization: { disable_specified_optimizers: REWRITES_LEFT_OUT.join(";") } },
      };
      return wrap(ort, await inTurn(() => ort.InferenceSession.create(model, options)));
    } catch (error) {
      throw runtimeFailure("cannot make a program", error);
    }
  },
};

const QUIET = 4;

type OrtModule = typeof Ort;
const modules = new Map<Device, Promise<OrtModule>>();

function loaded(device: Device): Promise<OrtModule> {
  const known = modules.get(device) ?? load(device);
  modules.set(device, known);
  return known;
}

async function load(device: Device): Promise<OrtModule> {
  const files = device === "webgpu" ? settings?.webgpu : settings?.cpu;
  if (files === undefined || device === "cuda") {
    throw new DeviceUnavailableError({
      what: `the device "${device}" cannot be used in this page`,
      got: settings === undefined ? "no files of ONNX Runtime" : "no files of ONNX Runtime for it",
      fix: 'call `configureWebRuntime` first, or use the device "cpu"',
    });
  }
  try {
    const ort = (device === "webgpu"
      ? await import("onnxruntime-web/webgpu")
      : await import("onnxruntime-web/wasm")) as unknown as OrtModule;
    ort.env.wasm.wasmPaths = { mjs: files.mjs, wasm: files.wasm };
    ort.env.wasm.numThreads = webThreads();
    ort.env.logLevel = "fatal";
    return ort;
  } catch (cause) {
    modules.delete(device);
    throw new DeviceUnavailableError({
      what: "ONNX Runtime could not be loaded",
      where: files.wasm,
      got: cause instanceof Error ? firstLine(cause) : String(cause),
      fix: "check the connection and load the page again",
      cause,
    });
  }
}

function wrap(ort: OrtModule, session: Ort.InferenceSession): Session {
  return {
    run: (inputs, into) => inTurn(() => runOnce(ort, session, inputs, into)),
    release: () => inTurn(() => session.release()),
  };
}

let last: Promise<unknown> = Promise.resolve();

/**
 * One thing at a time: in a browser, ONNX Runtime refuses another while one is under way. Before each, messages are let in, such as
 * that nobody waits for the result any more.
 */
function inTurn<T>(act: () => Promise<T>): Promise<T> {
  const turn = last.then(messagesIn).then(act);
  last = turn.catch(() => undefined);
  return turn;
}

function messagesIn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const heard = (): void => {
      port1.close();
      resolve();
    };
    (port1 as unknown as { onmessage: () => void }).onmessage = heard;
    port2.postMessage(undefined);
  });
}

async function runOnce(
  ort: OrtModule,
  session: Ort.InferenceSession,
  inputs: Readonly<Record<string, Tensor>>,
  into: Readonly<Record<string, Tensor | undefined>>,
): Promise<Record<string, Tensor>> {
  const feeds = Object.entries(inputs).map(
    ([name, { dtype, data, shape }]) => [name, new ort.Tensor(dtype, data, shape)] as const,
  );
  try {
    const results = await session.run(Object.fromEntries(feeds), Object.keys(into));
    return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, toHost(result, into[name])]));
  } catch (error) {
    throw runtimeFailure("a program failed while running", error);
  }
}

function toHost(result: Ort.Tensor, target: Tensor | undefined): Tensor {
  const data = result.data as TensorData[DType];
  if (target === undefined) return { dtype: result.type as DType, shape: result.dims, data };
  target.data.set(data);
  return target;
}

function bytesOf({ bytes, name }: StoredTensor): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw new Error(`internal: ${name} lies in a file, which a browser cannot map`);
}
