/** Which edits of a model a decomposition can account for. */
import { VitrineError } from "../../engine/errors.js";
import type { Value } from "../../engine/graph/value.js";
import type { TowerGraph } from "../../models/clip/tower.js";
import type { VisionWeights } from "../../models/clip/weights.js";

/** An edit changes the representation past the point where heads, tokens and MLPs write to it. */
export class UnattributableEditError extends VitrineError {
  readonly code = "unattributable-edit";
}

/** Sums of what parts wrote, and what follows: a change here is no part's. */
const PAST_THE_WRITES = /\.(attn\.out|resid_pre|resid_mid|resid_post|post_norm|pooled|features)$/;
/** A head's output after its tokens were mixed: a change here is the head's, but no single token's. */
const PAST_THE_TOKENS = /\.attn\.z$/;
/** The same where features are pooled: all before the pool is the tokens' own. */
const PAST_THE_POOL = /^visual\.(pool\.attn\.out|pooled|features)$/;
const POOLED_TOKENS = /^visual\.pool\.attn\.z$/;

/** Throws {@link UnattributableEditError} when the parts could not add up; `byToken` for parts that are source tokens. */
export function checkEdits(
  { edited, weights }: Pick<TowerGraph<Pick<VisionWeights<Value>, "blocks" | "pool">>, "edited" | "weights">,
  byToken: boolean,
): void {
  const [past, mixed] =
    weights.pool === undefined ? [PAST_THE_WRITES, PAST_THE_TOKENS] : [PAST_THE_POOL, POOLED_TOKENS];
  const site = [...edited].find((name) => past.test(name) || (byToken && mixed.test(name)));
  if (site === undefined) return;
  const tokens = mixed.test(site);
  throw new UnattributableEditError({
    what: `an edit here changes the representation by what no ${tokens ? "token" : "head, token or MLP"} wrote`,
    where: site,
    fix: tokens
      ? "edit attn.pattern or attn.v instead, or decompose without tokens and text maps"
      : "edit attn.z or mlp.out instead, or decompose the unedited model",
  });
}
