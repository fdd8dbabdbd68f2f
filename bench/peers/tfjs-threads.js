/**
 * Lets TensorFlow.js' WASM backend start its threads in Node.
 *
 * @file The backend makes workers as a browser does, out of blobs, which Node's workers cannot load. Its package holds the
 * same scripts as files: this file, as the worker, runs them.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker } from "node:worker_threads";

const require = createRequire(import.meta.url);
const THIS = fileURLToPath(import.meta.url);
const SCRIPTS = "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd";

if (!isMainThread) {
  const { wasmWorkerContents } = require(`${SCRIPTS}.worker.js`);
  // The file holds the script as a template in which the escapes of its strings have become line ends.
  new Function("require", "__filename", wasmWorkerContents.replaceAll("\n", "\\n"))(require, THIS);
}

/** Call before the backend is set. */
export function letThreadsStart() {
  URL.createObjectURL = () => THIS;
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, transfer) {
    const given = message?.cmd === "load" ? { ...message, urlOrBlob: require.resolve(`${SCRIPTS}.js`) } : message;
    return postMessage.call(this, given, transfer);
  };
}
