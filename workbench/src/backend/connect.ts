import { type Backend, BackendError } from "./backend";
import { connectServer } from "./server-backend";
import { takeToken } from "./server-token";
import { startWorker } from "./worker-backend";

/** `config.json` beside the page: who serves it says who computes. */
interface SiteConfig {
  readonly backend: Backend["surroundings"]["kind"];
}

/** The backend of this page. `?device=webgpu` in the address asks for the GPU. Rejected with a {@link BackendError}. */
export async function connect(): Promise<Backend> {
  const base = new URL(import.meta.env.BASE_URL, document.baseURI);
  const { backend } = await configOf(new URL("config.json", base));
  if (backend === "server") return connectServer(base, takeToken());
  const device = new URLSearchParams(location.search).get("device") === "webgpu" ? "webgpu" : "cpu";
  return startWorker(device);
}

async function configOf(address: URL): Promise<SiteConfig> {
  try {
    const response = await fetch(address);
    if (response.ok) return (await response.json()) as SiteConfig;
    throw new Error(`status ${response.status}`);
  } catch (cause) {
    throw new BackendError(`This page cannot be loaded whole: config.json: ${String(cause)}`, "lost");
  }
}
