/** In a file of its own, so that it is loaded when a file is opened. */
export { sceneSchema } from "vitrine/browser";
