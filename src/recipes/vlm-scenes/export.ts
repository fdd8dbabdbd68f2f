/** Writes the trained model as a checkpoint folder in LLaVA's original layout. */
import { join } from "node:path";
import { exportParameters } from "../../engine/train/export.js";
import type { Parameters } from "../../engine/train/parameters.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import type { EraseDefaults } from "../../models/vlm/config.js";
import { TOKENIZER_JSON } from "../clip-scenes/data.js";
import type { Sizes } from "./model.js";
import { TOWER, TOWER_LAYER } from "./settings.js";

/** Shown wherever the model speaks. */
const CAVEAT = "It has seen drawn scenes and nothing else (vitrine world scenes): of photographs it knows nothing.";

/** Weights are stored as F16. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeCaptioner(
  folder: string,
  parameters: Parameters,
  { language, towerWidth }: Sizes,
  about: string,
  erase?: EraseDefaults,
): Promise<void> {
  await makeFolder(folder);
  const metadata = { format: "pt", about, caveat: CAVEAT };
  await exportParameters(join(folder, "model.safetensors"), parameters, { dtype: "F16", metadata });
  const config = {
    model_type: "llava",
    hidden_size: language.width,
    intermediate_size: language.hidden,
    num_hidden_layers: language.layers,
    num_attention_heads: language.heads,
    num_key_value_heads: language.keyHeads,
    head_dim: language.headWidth,
    vocab_size: language.vocabulary,
    max_position_embeddings: language.contextLength,
    rms_norm_eps: language.epsilon,
    rope_theta: language.rotary.theta,
    hidden_act: "silu",
    bos_token_id: language.startToken,
    eos_token_id: language.endTokens[0],
    tie_word_embeddings: false,
    mm_vision_tower: TOWER,
    mm_vision_select_layer: TOWER_LAYER,
    mm_vision_select_feature: "patch",
    mm_projector_type: "mlp2x_gelu",
    mm_hidden_size: towerWidth,
    prompt: "<image>",
    ...(erase === undefined ? {} : { erase }),
  };
  await writeWhole(join(folder, "config.json"), JSON.stringify(config, null, 1) + "\n");
  await writeWhole(join(folder, "tokenizer.json"), JSON.stringify(TOKENIZER_JSON));
}
