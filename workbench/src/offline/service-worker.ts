/**
 * The site without a network, and with the headers that let WASM use threads where the host cannot send them.
 *
 * @file Files whose names hold their hash come from the cache first; all others from the network first, so that a new version is
 * seen, and from the cache when there is no network. What is not in the list (the server's API, weights, which the page's worker
 * keeps itself) passes untouched, and so does WebAssembly: the browser keeps its machine code only if it fetched it itself, and the
 * page's worker takes it from the cache when that fails. build/offline.ts puts the list before this file's first line.
 */
declare const self: ServiceWorkerGlobalScope;
declare const VITRINE_SITE: {
  /** Of the files' content. */
  readonly version: string;
  /** Fetched when this worker is installed. */
  readonly files: readonly string[];
  /** Kept when they are first used. */
  readonly whenUsed: readonly string[];
};

const PREFIX = "vitrine-site-";
const CACHE = PREFIX + VITRINE_SITE.version;
const KNOWN = new Set([...VITRINE_SITE.files, ...VITRINE_SITE.whenUsed]);
const ISOLATION: readonly (readonly [string, string])[] = [
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Embedder-Policy", "require-corp"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(VITRINE_SITE.files.map(toKeep))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const file = fileOf(request);
  if (file === undefined || request.method !== "GET" || request.headers.has("Range")) return;
  if (isProgram(file)) return;
  const answer = isNamedByHash(file) ? fromCacheFirst(request) : fromNetworkFirst(request, file);
  event.respondWith(isContext(request) ? answer.then(isolated) : answer);
});

const isNamedByHash = (file: string): boolean => file.startsWith("assets/");

/** WebAssembly that every visit uses. */
const isProgram = (file: string): boolean => file.endsWith(".wasm") && VITRINE_SITE.files.includes(file);

/** What the page fetched already is not fetched again. */
const toKeep = (file: string): Request => new Request(file, { cache: isNamedByHash(file) ? "force-cache" : "default" });

/** The file of the site that is asked for, from the site's root. */
function fileOf({ url }: Request): string | undefined {
  const { origin, pathname } = new URL(url);
  const root = new URL(self.registration.scope);
  if (origin !== root.origin || !pathname.startsWith(root.pathname)) return undefined;
  const file = pathname.slice(root.pathname.length) || "index.html";
  return KNOWN.has(file) ? file : undefined;
}

async function fromCacheFirst(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return kept;
  const response = await fetch(request);
  // A full disk is no reason not to answer.
  if (response.ok) await cache.put(request, response.clone()).catch(() => undefined);
  return response;
}

async function fromNetworkFirst(request: Request, file: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(new URL(file, self.registration.scope).href, { cacheName: CACHE });
    if (kept) return kept;
    throw error;
  }
}

/** Pages and workers say themselves whom they are isolated from; the rest keeps, passed on as it is, the code that browsers made of it. */
const isContext = ({ destination }: Request): boolean => destination === "document" || destination === "worker";

function isolated(response: Response): Response {
  // Redirections and answers without a body that may be read are passed on as they are.
  if (response.type === "opaqueredirect" || response.type === "opaque" || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of ISOLATION) if (!headers.has(name)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)),
  );
}

export {};
