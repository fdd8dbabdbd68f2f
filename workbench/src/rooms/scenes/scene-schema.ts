export { sceneSchema } from "../../../../src/jobs/picture-ref.js";
