/** ONNX Runtime for WebGPU, as it asks for its module: at an address, made by what is the default there. */
import source from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import { readyModule } from "./ready-module";

export default readyModule({ source, mjs: import.meta.url, wasm });
