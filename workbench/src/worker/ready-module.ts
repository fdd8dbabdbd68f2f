import type { WasmFiles } from "vitrine/browser";
import { compileWasm } from "./compile-wasm";

/** How Emscripten's modules are made; see its documentation of `instantiateWasm`. */
type ModuleFactory = (settings: object) => Promise<unknown>;

type Receive = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

/** By address: ONNX Runtime's own module, its WebAssembly, and the module whose default hands it the latter, compiled. */
interface ModuleFiles extends WasmFiles {
  readonly source: string;
}

/** What the module at `mjs` is to have as its default. */
export function readyModule({ source, mjs, wasm }: ModuleFiles): ModuleFactory & { readonly files: WasmFiles } {
  const begun = import(/* @vite-ignore */ source) as Promise<{ readonly default: ModuleFactory }>;
  // Whoever needs it is told.
  begun.catch(() => undefined);
  const make = async (settings: object): Promise<unknown> => {
    const [module, { default: own }] = await Promise.all([compileWasm(wasm), begun]);
    return new Promise((resolve, reject) => {
      const instantiateWasm = (imports: WebAssembly.Imports, receive: Receive): void => {
        WebAssembly.instantiate(module, imports).then((instance) => {
          receive(instance, module);
        }, reject);
      };
      own({ ...settings, instantiateWasm }).then(resolve, reject);
    });
  };
  return Object.assign(make, { files: { mjs, wasm } });
}
