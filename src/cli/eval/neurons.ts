/** `vitrine eval neurons`. */
import type { Claim } from "../../methods/claim.js";
import type { DescribedNeurons } from "../../methods/neurons/adversarial.js";
import { describeOnScenes } from "../../methods/neurons/described-scenes.js";
import {
  adversarialClaim,
  type AdversarialPair,
  measureAdversarial,
} from "../../methods/neurons/evaluate-adversarial.js";
import { effectClaims } from "../../methods/neurons/evaluate-effects.js";
import { type MeasuredEffects, measureEffects } from "../../methods/neurons/measure-effects.js";
import { NeuronEffects } from "../../methods/neurons/second-order.js";
import type { Clip } from "../../models/clip/clip.js";
import { type EvalSettings, scaled } from "./settings.js";

export async function neuronEvaluation(settings: EvalSettings): Promise<Claim[]> {
  const { clip, seeds, untrained, doing } = settings;
  const [known, tested] = [scaled(settings, 1500), scaled(settings, 600)];
  const layers = Array.from({ length: clip.parts.vision.layers - 1 }, (_, layer) => layer);
  const measured: Record<"trained" | "untrained", MeasuredEffects[]> = { trained: [], untrained: [] };
  const pairs: AdversarialPair[][] = [];
  // Refuses a model without heads that follow neurons.
  if (layers.length === 0) await NeuronEffects.of(clip, 0);
  const describe = async (model: Clip, seed: number, name: string): Promise<DescribedNeurons[]> => {
    const found: DescribedNeurons[] = [];
    for (const layer of layers) {
      doing(`neurons of layer ${layer}${name} (seed ${seed})`);
      const neurons = await describeOnScenes(model, { layer, seed, count: known });
      measured[model === clip ? "trained" : "untrained"].push(await measureEffects(neurons, { count: tested }));
      // Effects hold large tensors, which words do without.
      found.push({ layer, directions: neurons.directions, words: neurons.words });
    }
    return found;
  };
  for (const seed of seeds) {
    const described = await describe(clip, seed, "");
    doing(`adversarial scenes (seed ${seed})`);
    pairs.push(
      await measureAdversarial(clip, described, { seed, pairs: Math.max(4, Math.round(settings.scale * 16)) }),
    );
  }
  await describe(await untrained(seeds[0]!), seeds[0]!, ", untrained");
  return [...effectClaims(measured, seeds[0]!), adversarialClaim(pairs, seeds[0]!)];
}
