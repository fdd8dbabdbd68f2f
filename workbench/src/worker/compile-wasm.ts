/**
 * WebAssembly, compiled once and ahead of who needs it.
 *
 * @file Browsers keep the machine code that they made of a module beside what they fetched it from, for as long as that stays the
 * same; a file that the host was asked about again counts as new. Names hold a hash of the content: what is kept need not be asked about.
 */
const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** The module at this address, seen from this worker. Rejected when it cannot be had. */
export function compileWasm(file: string): Promise<WebAssembly.Module> {
  const address = new URL(file, self.location.href).href;
  const known = compiled.get(address) ?? compile(address);
  compiled.set(address, known);
  known.catch(() => compiled.delete(address));
  return known;
}

async function compile(address: string): Promise<WebAssembly.Module> {
  const response = await fetch(address, { cache: "force-cache" }).catch(async (error: unknown) => {
    // Without a network, and gone from the browser's own cache: the service worker keeps it as well.
    const kept = isSecureContext ? await caches.match(address) : undefined;
    if (kept === undefined) throw error;
    return kept;
  });
  if (!response.ok) throw new Error(`${new URL(address).pathname}: status ${response.status}`);
  // Some hosts do not say that it is WebAssembly: compiled it is all the same, but its code is not kept.
  if (response.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
