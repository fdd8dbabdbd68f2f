import type { Room } from "../../room.js";
import { commandLine } from "../../state/command-line.js";
import { ATOMS, SCENES, usableLayer } from "./sample-set.js";

export const room: Room = {
  id: "neurons",
  title: "Neurons",
  summary: "What single neurons make later heads say: in words, in pictures, and on this picture.",
  icon: "M10 7.500a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5M10 7.500V3M10 12.500V17M7.800 8.800L4 6.500M12.200 8.800L16 6.500M7.800 11.200L4 13.500M12.200 11.200L16 13.500",
  order: 20,
  needs: [],
  load: () => import("./Neurons.svelte"),
  verbs: [{ id: "neurons", command: "vitrine neurons", title: "What neurons say of pictures" }],
  cli: ({ model, info, layer, neuron, seed }) =>
    commandLine([
      ...["vitrine", "neurons", "--model", model, "--layer", String(usableLayer(info, layer))],
      ...["--neuron", String(neuron), "--pool", "scenes", "--atoms", String(ATOMS)],
      ...["--scenes", String(SCENES), "--seed", String(seed)],
    ]),
};
