/** Registers the worker that answers without a network, when the page has done its first work. */
import { connection } from "./backend.svelte.js";

/** Milliseconds after which there may be no work to wait for. */
const PATIENCE = 6000;

class Offline {
  /** Whether the site opens without a network from now on. */
  ready = $state(false);
}

export const offline = new Offline();

/** To be called once, while the page is set up. While the site is developed, nothing is kept. */
export function keepForOffline(): void {
  const worked = $derived(connection.lastRun !== undefined);
  $effect(() => {
    if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
    const timer = setTimeout(register, worked ? 500 : PATIENCE);
    return () => {
      clearTimeout(timer);
    };
  });
}

function register(): void {
  const script = new URL("service-worker.js", document.baseURI);
  navigator.serviceWorker
    .register(script)
    .then(() => navigator.serviceWorker.ready)
    .then(
      () => {
        offline.ready = true;
      },
      // Turned off, or not allowed here: the site works with a network as before.
      () => undefined,
    );
}
