/** ONNX Runtime for WebAssembly, as it asks for its module: at an address, made by what is the default there. */
import source from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { readyModule } from "./ready-module";

export default readyModule({ source, mjs: import.meta.url, wasm });
