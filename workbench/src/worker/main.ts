/** The worker of a page that does its own computing. What takes longest to be ready is begun before the rest is there. */
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { compileWasm } from "./compile-wasm";
import type { ToWorker } from "./protocol";

const rest = import("./hear");
// Without it this worker is of no use: the page is told as of any other error.
rest.catch(reportError);

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "start" && data.device === "cpu") prepare();
  void rest.then(({ hear }) => {
    hear(data);
  });
});

/** The parts of ONNX Runtime, all at once. Whoever needs one is told if it cannot be had. */
function prepare(): void {
  const parts = [compileWasm(wasm), import("./cpu-module"), import("onnxruntime-web/wasm")];
  for (const part of parts) part.catch(() => undefined);
}
