/** What this room takes from the library to follow the threshold at once, without the worker: it needs no model. */
export { stands } from "vitrine/browser";
