/**
 * A model with parts of it switched off or held at their means: the whole of what follows is computed anew from there.
 *
 * @file All edits are made where a decomposition can still account for them. A head is switched off at its values (attn.v), so that it
 * gathers nothing. A head at its mean attends from each token to that token alone, where its value is the mean of what it gathers
 * there: what it gathers is then the mean to the bit, and since that is the same of every picture, no patch of this one has a part in
 * it. Edited at attn.z instead, what the head writes would be no token's, and maps of the edited model would not add up.
 */
import { add, mul } from "../../engine/graph/ops/arithmetic.js";
import { where } from "../../engine/graph/ops/compare.js";
import { constant } from "../../engine/graph/ops/leaves.js";
import type { Edit } from "../../engine/graph/sites.js";
import type { Value } from "../../engine/graph/value.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { changedHeads, checkIntervention, type Intervention, type NeuronChange } from "./intervention.js";
import { layerScope, type SiteMeans } from "./site-means.js";

/**
 * The changed model, over the same weights; the same model when nothing is changed, which then is not a copy. `means` needs the sites that
 * `sitesAtMean` names. Throws `UsageError` for what the model has not. Dispose of it when it is another one.
 */
export function intervene(clip: Clip, intervention: Intervention, means: SiteMeans = new Map()): Clip {
  checkIntervention(clip, intervention);
  const edits = new Map<string, Edit>();
  const meanAt = (site: string): FloatTensor => {
    const mean = means.get(site);
    if (mean === undefined) throw new RangeError(`no mean of ${site}`);
    return mean;
  };
  for (const [at, heads] of byLayer(clip, changedHeads(clip, intervention))) {
    const [off, held] = (["off", "mean"] as const).map((to) => heads.filter((one) => one.to === to));
    const count = clip.parts.vision.heads;
    const places = (of: typeof heads): Value =>
      mask(
        of.map(({ head }) => head),
        count,
        [1, count, 1, 1],
      );
    if (held!.length > 0) {
      const mean = batched(meanAt(`${at}.attn.z`));
      edits.set(`${at}.attn.pattern`, (pattern) => where(places(held!), ownTokens(pattern), pattern));
      edits.set(`${at}.attn.v`, (values) => {
        const kept = where(places(held!), mean, values);
        return off!.length === 0 ? kept : where(places(off!), 0, kept);
      });
    } else edits.set(`${at}.attn.v`, (values) => where(places(off!), 0, values));
  }
  for (const [at, [mlp]] of byLayer(clip, intervention.mlps)) {
    const site = `${at}.mlp.out`;
    const mean = mlp!.to === "mean" ? batched(meanAt(site)) : undefined;
    edits.set(site, (out) => (mean === undefined ? mul(out, 0) : add(mul(out, 0), mean)));
  }
  for (const [at, neurons] of byLayer(clip, intervention.neurons)) {
    const site = `${at}.mlp.post`;
    const instead = neurons.some(({ to }) => to === "mean") ? constant(heldNeurons(meanAt(site), neurons)) : 0;
    const { hidden } = clip.parts.vision;
    const places = mask(
      neurons.map(({ neuron }) => neuron),
      hidden,
      [1, 1, hidden],
    );
    edits.set(site, (post) => where(places, instead, post));
  }
  return edits.size === 0 ? clip : clip.edit(Object.fromEntries(edits));
}

function byLayer<T extends { readonly layer: number }>(clip: Clip, units: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const unit of units) {
    const at = layerScope(clip, unit.layer);
    found.set(at, [...(found.get(at) ?? []), unit]);
  }
  return found;
}

function mask(places: readonly number[], count: number, shape: readonly number[]): Value {
  const data = new Uint8Array(count);
  for (const place of places) data[place] = 1;
  return constant({ dtype: "bool", shape, data });
}

/** [..] as [1,..]. */
const batched = ({ data, shape }: FloatTensor): Value => constant(floatTensor(data, [1, ...shape]));

/** Attention [1,1,M,N] of each token to itself; of a pool's one query, which is no token, to all alike. */
function ownTokens({ shape }: Value): Value {
  const [queries, tokens] = shape.slice(-2) as [number, number];
  const data = new Float32Array(queries * tokens).fill(queries === tokens ? 0 : 1 / tokens);
  if (queries === tokens) for (let token = 0; token < tokens; token++) data[token * (tokens + 1)] = 1;
  return constant(floatTensor(data, [1, 1, queries, tokens]));
}

/** Means [1,N,F] where neurons are held at them, 0 elsewhere. */
function heldNeurons({ data, shape }: FloatTensor, neurons: readonly NeuronChange[]): FloatTensor {
  const [tokens, hidden] = shape as [number, number];
  const out = new Float32Array(data.length);
  for (const { neuron, to } of neurons) {
    if (to === "off") continue;
    for (let token = 0; token < tokens; token++) out[token * hidden + neuron] = data[token * hidden + neuron]!;
  }
  return floatTensor(out, [1, tokens, hidden]);
}
