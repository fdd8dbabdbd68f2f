/** The same from a terminal. */
import { commandLine, pictureFile } from "../../state/command-line.js";
import type { Selection } from "../../state/selection.svelte.js";
import type { Canvas } from "./editor.svelte.js";
import { COUNTS, isGraded, isRandom, settings } from "./settings.svelte.js";

export function commandOf({ model, generator }: Selection): string {
  const { canvas, strength, damageSeed } = settings;
  if (generator === undefined || canvas === undefined) return "vitrine project --help";
  const damage = settings.damageOf(generator.channels);
  return commandLine([
    "vitrine",
    "project",
    fileOf(canvas),
    ...(isFile(canvas) && canvas.inverted ? ["--invert"] : []),
    ...(damage === "none" ? [] : ["--corrupt", damage]),
    ...(isGraded(damage) && strength !== 1 ? ["--strength", String(strength)] : []),
    ...(isRandom(damage) && damageSeed !== 0 ? ["--seed", String(damageSeed)] : []),
    "--model",
    model,
    "--out",
    "projected.png",
  ]);
}

/** What the samples are from a terminal. */
export function samplesCommand(model: string): string {
  const { mode, numbers, seed, steps } = settings;
  return commandLine([
    "vitrine",
    "sample",
    ...samplesArguments(),
    ...(mode === "sum" ? ["--arithmetic", numbers.join(",")] : []),
    ...(steps === "1" ? [] : ["--steps", steps]),
    ...(seed === 0 ? [] : ["--seed", String(seed)]),
    "--model",
    model,
    "--out",
    "samples.png",
  ]);
}

function samplesArguments(): string[] {
  const { mode, numbers } = settings;
  if (mode === "samples") return ["-n", String(COUNTS.samples)];
  return mode === "between" ? ["--between", numbers.slice(0, 2).join(","), "-n", String(COUNTS.between)] : [];
}

/** Whether the picture is a file as it is; any other is saved first. */
const isFile = ({ origin, drawn }: Canvas): boolean => origin.kind === "picture" && !drawn;

/** The file that was dropped, or what the picture is saved as. */
export function fileOf(canvas: Canvas): string {
  const { origin } = canvas;
  return isFile(canvas) && origin.kind === "picture" ? pictureFile(origin) : SAVED;
}

export const SAVED = "drawing.png";
